#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace gnosis {
namespace {

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

class FileTest : public testing::Test {
 protected:
  std::filesystem::path Put(const std::string& name, std::string_view bytes) {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  const TemporaryFolder folder_;
};

TEST_F(FileTest, ReadsAllBytes) {
  const std::string bytes("zero \0 and \xff", 12);
  EXPECT_EQ(*ReadFile(Put("a", bytes)), bytes);
  EXPECT_EQ(*ReadFile(Put("empty", "")), "");
}

TEST_F(FileTest, ReadsFilesWhoseSizeIsNotKnownBefore) {
  const auto status = ReadFile("/proc/self/status");
  ASSERT_TRUE(status.ok());
  EXPECT_THAT(*status, testing::HasSubstr("Pid:"));
}

TEST_F(FileTest, RefusesMoreThanTheLimit) {
  const auto path = Put("a", "12345");
  EXPECT_EQ(*ReadFile(path, 5), "12345");
  const auto refused = ReadFile(path, 4);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.code(), ErrorCode::kTooLarge);
  EXPECT_THAT(refused.error().message, testing::HasSubstr(path.string()));
}

TEST_F(FileTest, SaysWhatIsNotThere) {
  const auto missing = ReadFile(folder_.path() / "missing");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.code(), ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, testing::HasSubstr("missing"));
}

TEST_F(FileTest, AFolderIsNoFile) { EXPECT_FALSE(ReadFile(folder_.path()).ok()); }

TEST_F(FileTest, ReadingADescriptorLeavesItsOffset) {
  const auto file = OpenForReading(Put("a", "12345"));
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(::lseek(file->get(), 3, SEEK_SET), 3);
  EXPECT_EQ(*ReadDescriptor(*file, 100), "12345");
  EXPECT_EQ(::lseek(file->get(), 0, SEEK_CUR), 3);
  EXPECT_EQ(*FileSize(*file), 5u);
}

TEST_F(FileTest, OpensForThisProcessOnly) {
  const auto file = OpenForReading(Put("a", ""));
  EXPECT_NE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(file->Duplicate()->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(FileTest, WritesAllBytesThroughAPipeThatIsTooSmall) {
  const std::string bytes(1'000'000, 'x');
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ::_exit(WriteAll(FileDescriptor(ends[1]), bytes).ok() ? 0 : 1);
  }
  ::close(ends[1]);
  const FileDescriptor reading(ends[0]);
  size_t got = 0;
  char buffer[4096];
  while (const ssize_t n = ::read(reading.get(), buffer, sizeof buffer)) got += size_t(n);
  EXPECT_EQ(got, bytes.size());
}

TEST_F(FileTest, AFullDeviceIsToldApart) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) GTEST_SKIP() << "no /dev/full here";
  const Status status = WriteAll(full, "x");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.code(), ErrorCode::kDiskFull);
  EXPECT_FALSE(status.error().hint.empty());
}

TEST_F(FileTest, ADescriptorClosesItselfOnce) {
  int fd = -1;
  {
    FileDescriptor file = *OpenForReading(Put("a", ""));
    fd = file.get();
    FileDescriptor moved = std::move(file);
    EXPECT_FALSE(file.valid());
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST_F(FileTest, AReleasedDescriptorStaysOpen) {
  int fd = -1;
  {
    FileDescriptor file = *OpenForReading(Put("a", ""));
    fd = file.Release();
  }
  EXPECT_TRUE(IsOpen(fd));
  FileDescriptor(fd).Reset(-1);
  EXPECT_FALSE(IsOpen(fd));
}

TEST_F(FileTest, ADuplicateOutlivesTheOriginal) {
  FileDescriptor file = *OpenForReading(Put("a", "12345"));
  const FileDescriptor copy = *file.Duplicate();
  file.Reset(-1);
  EXPECT_EQ(*ReadDescriptor(copy, 100), "12345");
  EXPECT_FALSE(file.Duplicate().ok());
}

TEST(TemporaryFolderTest, GoesAwayWithAllInIt) {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    std::filesystem::create_directories(path / "a" / "b");
    std::ofstream(path / "a" / "b" / "c") << "x";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace gnosis
