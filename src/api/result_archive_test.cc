// ?format=zip: its content, that it is the same each time, and that it changes with a retry.
#include "api/result_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "api/zip_writer.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

struct File {
  std::string bytes;
  int64_t modified_s = 0;
};

// An independent reader would be better; this one at least verifies checksums.
std::map<std::string, File> Unpacked(const std::string& zip) {
  std::map<std::string, File> files;
  archive* reader = ::archive_read_new();
  ::archive_read_support_format_zip(reader);
  EXPECT_EQ(::archive_read_open_memory(reader, zip.data(), zip.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (::archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    File& file = files[::archive_entry_pathname(entry)];
    file.modified_s = ::archive_entry_mtime(entry);
    file.bytes.resize(size_t(::archive_entry_size(entry)));
    EXPECT_EQ(::archive_read_data(reader, file.bytes.data(), file.bytes.size()),
              la_ssize_t(file.bytes.size()));
  }
  EXPECT_EQ(::archive_errno(reader), 0);
  ::archive_read_free(reader);
  return files;
}

class ResultArchiveTest : public ApiTest {
 protected:
  Reply Zip(const std::string& id) { return Get(Path(id, "/result?format=zip")); }
  std::vector<std::string> Archives(const std::string& id) {
    std::vector<std::string> names;
    const auto keys = disk_->List(ResultKey(Session(id), ""));
    for (const std::string& key : *keys) {
      if (key.ends_with(".zip")) names.push_back(key.substr(key.rfind('/') + 1));
    }
    return names;
  }
};

TEST_F(ResultArchiveTest, HoldsTheResultsAskedForAndTheTextOfEveryPage) {
  const std::string id = Submit("%PDF-1.7 pages=3 bad=2", "?formats=txt,hocr&file_name=Scan.pdf");
  WorkUntilDone();
  const Reply reply = Zip(id);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("Content-Type"), "application/zip");
  EXPECT_THAT(reply.header("Content-Disposition"), testing::HasSubstr("filename=\"Scan.zip\""));
  const auto files = Unpacked(reply.body);
  ASSERT_EQ(files.size(), 5u);
  EXPECT_EQ(files.at("result.txt").bytes, Get(Path(id, "/result?format=txt")).body);
  EXPECT_EQ(files.at("result.hocr").bytes, Get(Path(id, "/result?format=hocr")).body);
  EXPECT_EQ(files.at("pages/page_001.txt").bytes, "words of page 1\n");
  EXPECT_EQ(files.at("pages/page_002.txt").bytes, "[page 2 could not be read: the page is empty]");
  for (const auto& [name, file] : files) {
    EXPECT_EQ(file.modified_s, ParseTime("2026-01-02T03:04:05Z")->time_since_epoch().count() / 1000)
        << name;
  }
}

TEST_F(ResultArchiveTest, IsTheSameWheneverItIsMade) {
  const std::string id = SubmitAndRead();
  const std::string first = Zip(id).body;
  ASSERT_EQ(Archives(id).size(), 1u);
  ASSERT_TRUE(
      disk_->Delete(ResultKey(Session(id), Archives(id)[0].substr(7)), kAnyGeneration).ok());
  clock_.now += Seconds(100);
  EXPECT_EQ(Zip(id).body, first);
}

TEST_F(ResultArchiveTest, IsMadeAnewWhenPagesAreReadAnew) {
  const std::string id = SubmitAndRead("%PDF-1.7 pages=2 bad=2");
  const std::string before = Zip(id).body;
  Post(Path(id, "/retry"), R"({"pages":[2],"rotate":90})");
  EXPECT_EQ(Zip(id).code(), "result_not_ready");
  WorkUntilDone();
  EXPECT_EQ(Unpacked(Zip(id).body).at("pages/page_002.txt").bytes, "words of page 2\n");
  EXPECT_NE(Zip(id).body, before);
  EXPECT_EQ(Archives(id).size(), 1u);
}

TEST_F(ResultArchiveTest, IsThereOnlyWhenEveryPageIsRead) {
  const std::string id = Submit();
  Work();
  EXPECT_EQ(Zip(id).status, 409);
  EXPECT_EQ(Get(Path(id, "/result?format=zip&partial=1")).status, 409);
  Post(Path(id, "/cancel"));
  EXPECT_EQ(Zip(id).code(), "conflict");
}

TEST(ZipWriter, HandsOnWhatTheSinkSays) {
  const auto zip = NewZipWriter(
      [](std::string_view) {
        return Error{ErrorCode::kDiskFull, "full", ""};
      },
      Time{});
  Status status = zip->Begin("a", 200'000);
  if (status.ok()) status = zip->Data(std::string(200'000, 'x'));
  if (status.ok()) status = zip->Finish();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.code(), ErrorCode::kDiskFull);
}

}  // namespace
}  // namespace gnosis
