// For tests of the parent's reader: children that are forks of the test, with a machine that reads
// nothing or with a body of the test's own.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "page/page_request.h"
#include "reader/page_reader.h"
#include "reader/sealed_reader.h"
#include "support/page_samples.h"
#include "wire/page_server.h"

namespace gnosis {

// A pipe through which a child tells the test that it came somewhere, or that it is no more.
struct Signal {
  FileDescriptor read_end, write_end;
  Signal() {
    int ends[2];
    GNOSIS_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    read_end.Reset(ends[0]);
    write_end.Reset(ends[1]);
  }
  void Send() { (void)!::write(write_end.get(), "x", 1); }
  void Wait() {
    char byte;
    EXPECT_EQ(::read(read_end.get(), &byte, 1), 1);
  }
  // Whether everybody who could send is gone. The test's own end is closed first.
  bool IsAbandoned() {
    write_end.Reset(-1);
    char byte;
    return ::read(read_end.get(), &byte, 1) == 0;
  }
};

[[noreturn]] inline void Hang() {
  while (true) ::pause();
}

// The document's content is its number of pages; a page's words are what was asked for.
class FakeMachine : public PageMachine {
 public:
  using OnRead = std::function<Result<PageArtefacts>(const PageRequest&)>;
  explicit FakeMachine(OnRead on_read, Result<SealReport> seal)
      : on_read_(std::move(on_read)), seal_(std::move(seal)) {}

  Result<SealReport> Seal() override { return seal_; }

  Result<DocumentInfo> Open(FileDescriptor document, const std::string& password) override {
    if (password == "hang") Hang();
    if (password == "memory") throw std::bad_alloc();
    if (password == "wrong") {
      return Error{ErrorCode::kPasswordRequired, "the password is wrong", "give another"};
    }
    ASSIGN_OR_RETURN(const std::string content, ReadDescriptor(document, 100));
    return DocumentInfo{"application/pdf", std::stoi(content)};
  }
  Result<PageArtefacts> Read(const PageRequest& request) override { return on_read_(request); }

  static Result<PageArtefacts> Echo(const PageRequest& request) {
    PageArtefacts artefacts = SampleArtefacts();
    artefacts.result.language = fmt::format("{}", fmt::join(request.options.languages, "+"));
    std::vector<Word>& words = artefacts.result.words.blocks[0].paragraphs[0].lines[0].words;
    words[0].text = fmt::format("page{}", request.page);
    words[1].text = fmt::format("dpi{}", request.options.dpi);
    words[2].text = fmt::format("mode{},rotate{},effort{}", int(request.options.mode),
                                request.options.rotate.value_or(-1), int(request.effort));
    return artefacts;
  }

 private:
  OnRead on_read_;
  Result<SealReport> seal_;
};

// What a child does with its two descriptors; returns an exit code.
using ChildBody = std::function<int(FileDescriptor socket, FileDescriptor arena)>;

inline ChildBody ServeWith(FakeMachine::OnRead on_read, const Result<SealReport>* seal) {
  return [on_read, seal](FileDescriptor socket, FileDescriptor arena) {
    FakeMachine machine(on_read, *seal);
    return ServePagePipe(machine, std::move(socket), std::move(arena));
  };
}

class SealedReaderTest : public testing::Test, public ChildLauncher {
 protected:
  void Use(ChildBody body) { body_ = std::move(body); }
  ChildBody Serve(FakeMachine::OnRead on_read = FakeMachine::Echo) {
    return ServeWith(std::move(on_read), &seal_);
  }

  PageReader& reader() {
    if (!reader_) {
      reader_ = NewSealedReader(options_, *this);
    }
    return *reader_;
  }

  static FileDescriptor DocumentWithPages(int pages) {
    FileDescriptor document(::memfd_create("document", MFD_CLOEXEC));
    GNOSIS_CHECK(WriteAll(document, fmt::to_string(pages)).ok());
    return document;
  }
  void EndReader() { reader_.reset(); }
  Result<DocumentInfo> Open(int pages = 5, const std::string& password = "") {
    return reader().Open(DocumentWithPages(pages), password);
  }
  Result<PageArtefacts> Read(int page) { return reader().Read({.page = page}); }

  void ExpectReads(int page) {
    const auto artefacts = Read(page);
    ASSERT_TRUE(artefacts.ok()) << artefacts.error().message;
    EXPECT_EQ(artefacts->result.page, page);
    EXPECT_THAT(artefacts->result.text, testing::StartsWith(fmt::format("page{} ", page)));
  }
  void ExpectFails(int page, ErrorCode code, std::string_view message) {
    const auto artefacts = Read(page);
    ASSERT_FALSE(artefacts.ok());
    EXPECT_EQ(artefacts.code(), code) << artefacts.error().message;
    EXPECT_THAT(artefacts.error().message, testing::HasSubstr(message));
  }
  // No process and no zombie.
  static bool IsGone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

  ChildOptions options_{.languages = {"eng"}};
  std::vector<pid_t> started_;
  std::vector<std::string> languages_;  // that each was started for
  FileDescriptor latest_arena_;
  Signal signal_;
  std::optional<Error> launch_error_;
  Result<SealReport> seal_ = SealReport{true, true, true, 0, true};

 private:
  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>& languages) override {
    if (launch_error_) return *launch_error_;
    languages_.push_back(fmt::format("{}", fmt::join(languages, "+")));
    latest_arena_ = *arena.Duplicate();
    const pid_t pid = ::fork();
    if (pid < 0) return ErrnoError(errno, "fork");
    if (pid == 0) RunChild(socket.get(), arena.get());
    ::setpgid(pid, pid);
    started_.push_back(pid);
    return LaunchedChild{pid, 1};
  }

  std::optional<int> End(const LaunchedChild& child) override {
    ::kill(-child.pid, SIGKILL);
    ::kill(child.pid, SIGKILL);
    int wait_status = 0;
    EXPECT_EQ(::waitpid(child.pid, &wait_status, 0), child.pid);
    return wait_status;
  }

  [[noreturn]] void RunChild(int socket, int arena) {
    ::setpgid(0, 0);
    // The parent's end of the socket must not live on here, or nobody would notice its end.
    for (int fd = 3; fd < 256; ++fd) {
      if (fd != socket && fd != arena && fd != signal_.write_end.get()) ::close(fd);
    }
    ::_exit(body_(FileDescriptor(socket), FileDescriptor(arena)));
  }

  ChildBody body_ = Serve();
  std::unique_ptr<PageReader> reader_;
};

}  // namespace gnosis
