#include "app/standard_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace gnosis {
namespace {

Status WaitOn() { return Ok(); }

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_end.Reset(ends[0]);
    write_end.Reset(ends[1]);
  }
  FileDescriptor read_end;
  FileDescriptor write_end;
};

TEST(StandardOutput, WritesAFileWhole) {
  TemporaryFolder folder;
  const auto path = folder.path() / "out";
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT, 0600));
  StandardOutput output(file.get(), WaitOn);
  const std::string text(300'000, 'x');
  ASSERT_TRUE(output.Write(text).ok());
  ASSERT_TRUE(output.Finish().ok());
  EXPECT_EQ(*ReadFile(path), text);
}

TEST(StandardOutput, SaysThatItIsFull) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY));
  StandardOutput output(full.get(), WaitOn);
  const Status written = output.Write("text");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.code(), ErrorCode::kDiskFull);
}

TEST(StandardOutput, SaysThatItsReaderIsGone) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.read_end.Reset(-1);
  StandardOutput output(pipe.write_end.get(), WaitOn);
  const Status written = output.Write("text");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.code(), ErrorCode::kGone);
}

TEST(StandardOutput, WhoseReaderIsSlowCanBeInterrupted) {
  Pipe pipe;
  int asked = 0;
  StandardOutput output(pipe.write_end.get(), [&]() -> Status {
    if (++asked < 2) return Ok();
    return Error{ErrorCode::kInterrupted, "interrupted", ""};
  });
  const Status written = output.Write(std::string(1'000'000, 'x'));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.code(), ErrorCode::kInterrupted);
  EXPECT_EQ(asked, 2);
}

TEST(StandardOutput, ThatCannotBeWrittenToIsAnError) {
  const FileDescriptor closed(::open("/dev/null", O_RDONLY));
  StandardOutput output(closed.get(), WaitOn);
  EXPECT_FALSE(output.Write("text").ok());
}

}  // namespace
}  // namespace gnosis
