// The command-line arguments that a parent passes to its child (child_program.h).
#include "wire/child_program.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <limits>

namespace gnosis {
namespace {

Error BadArgument(std::string_view name, std::string_view what) {
  return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}", name, what),
               "this program is started by gnosis-ocr, not by hand"};
}

// Takes `--name value` pairs in the order of ChildArgumentList.
class ArgumentReader {
 public:
  ArgumentReader(int argc, const char* const* argv) : argc_(argc), argv_(argv) {}

  Result<std::string> Text(std::string_view name) {
    if (next_ + 1 >= argc_) return BadArgument(name, "missing");
    if (argv_[next_] != name) return BadArgument(name, fmt::format("{} found", argv_[next_]));
    next_ += 2;
    return std::string(argv_[next_ - 1]);
  }

  template <typename Number>
  Result<Number> Positive(std::string_view name) {
    ASSIGN_OR_RETURN(const std::string text, Text(name));
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1) {
      return BadArgument(name, fmt::format("{} is not a number above 0", text));
    }
    return number;
  }

  Status Finish() const {
    if (next_ < argc_) return BadArgument(argv_[next_], "one too many");
    return Ok();
  }

 private:
  int argc_;
  const char* const* argv_;
  int next_ = 1;
};

}  // namespace

Result<ChildArguments> ParseChildArguments(int argc, const char* const* argv) {
  ArgumentReader reader(argc, argv);
  ChildArguments arguments;
  ASSIGN_OR_RETURN(arguments.model_folders, reader.Text("--model-folders"));
  ASSIGN_OR_RETURN(arguments.max_pages, reader.Positive<int>("--max-pages"));
  ASSIGN_OR_RETURN(arguments.max_page_pixels, reader.Positive<int64_t>("--max-pixels"));
  ASSIGN_OR_RETURN(arguments.max_side_pixels, reader.Positive<int>("--max-side"));
  ASSIGN_OR_RETURN(arguments.max_address_space_bytes, reader.Positive<uint64_t>("--address-space"));
  ASSIGN_OR_RETURN(arguments.max_cpu_seconds, reader.Positive<uint64_t>("--cpu-seconds"));
  RETURN_IF_ERROR(reader.Finish());
  return arguments;
}

std::vector<std::string> ChildArgumentList(const ChildArguments& arguments) {
  return {"--model-folders", arguments.model_folders,
          "--max-pages",     fmt::to_string(arguments.max_pages),
          "--max-pixels",    fmt::to_string(arguments.max_page_pixels),
          "--max-side",      fmt::to_string(arguments.max_side_pixels),
          "--address-space", fmt::to_string(arguments.max_address_space_bytes),
          "--cpu-seconds",   fmt::to_string(arguments.max_cpu_seconds)};
}

Status DieWithParent(int parent_pid) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    return ErrnoError(errno, "cannot ask for the parent's death signal");
  }
  if (::getppid() != parent_pid) return Error{ErrorCode::kIo, "the parent is gone", ""};
  return Ok();
}

}  // namespace gnosis
