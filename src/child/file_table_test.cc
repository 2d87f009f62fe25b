#include "child/file_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <limits>

namespace gnosis {
namespace {

class FileTableTest : public testing::Test {
 protected:
  FileTableTest() {
    for (const char* name : {"a", "b", "c"}) std::ofstream(Path(name)) << name << "-content";
    table_ = *FileTable::Open({Path("c"), Path("a"), Path("a"), Path("b"), Path("absent")});
  }
  std::string Path(const char* name) const { return folder_.path() / name; }
  long Open(const char* name, int flags = O_RDONLY) {
    return table_->OpenFile(Path(name).c_str(), flags);
  }
  std::string Read(long file, size_t size_bytes) {
    std::string bytes(size_bytes, '\0');
    const long got = table_->ReadFile(int(file), bytes.data(), size_bytes);
    return got < 0 ? "error" : bytes.substr(0, size_t(got));
  }

  TemporaryFolder folder_;
  std::unique_ptr<FileTable> table_;
};

TEST_F(FileTableTest, HoldsEachFileThatThereIsOnce) {
  EXPECT_EQ(table_->size(), 4u);  // and /dev/null
  for (const char* name : {"a", "b", "c"}) EXPECT_GE(Open(name), kFirstTableFile) << name;
  EXPECT_EQ(Open("absent"), -ENOENT);
  EXPECT_EQ(table_->OpenFile("", O_RDONLY), -ENOENT);
  EXPECT_EQ(table_->OpenFile((Path("a") + "/").c_str(), O_RDONLY), -ENOENT);
  EXPECT_EQ(table_->OpenFile((folder_.path() / "." / "a").c_str(), O_RDONLY), -ENOENT);
}

TEST_F(FileTableTest, GivesNothingForWritingAndNoFolder) {
  EXPECT_EQ(Open("a", O_RDWR), -EACCES);
  EXPECT_EQ(Open("a", O_WRONLY | O_TRUNC), -EACCES);
  EXPECT_EQ(Open("a", O_DIRECTORY), -ENOTDIR);
  EXPECT_EQ(table_->Access(Path("a").c_str(), W_OK), -EACCES);
  EXPECT_EQ(table_->Access(Path("a").c_str(), R_OK), 0);
  EXPECT_EQ(table_->Access(Path("absent").c_str(), F_OK), -ENOENT);
  EXPECT_GE(table_->OpenFile("/dev/null", O_WRONLY), kFirstTableFile);
}

TEST_F(FileTableTest, EachOpenHasAPositionOfItsOwn) {
  const long first = Open("a");
  const long second = Open("a");
  EXPECT_EQ(Read(first, 2), "a-");
  EXPECT_EQ(Read(second, 100), "a-content");
  EXPECT_EQ(Read(first, 100), "content");
  EXPECT_EQ(Read(first, 100), "");
  // A reused descriptor starts at the beginning of the file.
  ::close(int(first));
  EXPECT_EQ(Open("b"), first);
  EXPECT_EQ(Read(first, 100), "b-content");
}

TEST_F(FileTableTest, SeeksAsTheSystemDoes) {
  const int file = int(Open("a"));
  EXPECT_EQ(table_->Seek(file, 2, SEEK_SET), 2);
  EXPECT_EQ(table_->Seek(file, 2, SEEK_CUR), 4);
  EXPECT_EQ(Read(file, 100), "ntent");
  EXPECT_EQ(table_->Seek(file, -1, SEEK_END), 8);
  EXPECT_EQ(table_->Seek(file, 5, SEEK_END), 14);
  EXPECT_EQ(Read(file, 100), "");
  EXPECT_EQ(table_->Seek(file, -1, SEEK_SET), -EINVAL);
  EXPECT_EQ(table_->Seek(file, std::numeric_limits<off_t>::max(), SEEK_CUR), -EINVAL);
  EXPECT_EQ(table_->Seek(file, 0, 77), -EINVAL);
}

TEST_F(FileTableTest, KnowsNothingOfOtherDescriptors) {
  for (const int file : {-1, 0, kFirstTableFile - 1, table_->descriptor_limit(), 1 << 30}) {
    EXPECT_EQ(Read(file, 1), "error") << file;
    EXPECT_EQ(table_->Seek(file, 0, SEEK_SET), -EBADF) << file;
  }
}

TEST_F(FileTableTest, DescribesAFileByItsName) {
  struct stat info {};
  EXPECT_EQ(table_->Describe(Path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 9);
  EXPECT_EQ(table_->Describe(Path("absent").c_str(), &info), -ENOENT);
}

}  // namespace
}  // namespace gnosis
