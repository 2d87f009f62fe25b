#include "api/file_reply.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "api/reply.h"
#include "base/text.h"
#include "door/header_values.h"
#include "door/problem.h"
#include "page/utf8.h"

namespace gnosis {
namespace {

constexpr size_t kMaxStemBytes = 120;

struct OpenObject {
  std::shared_ptr<FileDescriptor> file;  // shared, as FileBody requires
  uint64_t size_bytes = 0;
  std::string tag;
};

// The tag must match the bytes: if the object is replaced between the two calls, it is opened
// again.
Result<OpenObject> OpenTagged(ObjectStore& store, const std::string& key) {
  ASSIGN_OR_RETURN(ObjectInfo info, store.Stat(key));
  while (true) {
    ASSIGN_OR_RETURN(FileDescriptor file, store.Open(key));
    ASSIGN_OR_RETURN(const ObjectInfo after, store.Stat(key));
    if (after.generation != info.generation) {
      info = after;
      continue;
    }
    ASSIGN_OR_RETURN(const uint64_t size_bytes, FileSize(file));
    return OpenObject{std::make_shared<FileDescriptor>(std::move(file)), size_bytes,
                      ObjectTag(info.generation)};
  }
}

// If-Range with another tag (or a date, which we never send) requests all of the new bytes.
RangeChoice RangeWanted(const HttpRequest& request, const OpenObject& object) {
  const auto range = request.headers.Get("Range");
  if (!range || request.method != "GET") return {};
  const auto if_range = request.headers.Get("If-Range");
  if (if_range && Trim(*if_range) != object.tag) return {};
  return ChooseRange(*range, object.size_bytes);
}

HttpResponse Unsatisfiable(const OpenObject& object) {
  HttpResponse response = ProblemResponse(
      {416,
       "range_not_satisfiable",
       fmt::format("the range starts beyond the end of the file ({} bytes)", object.size_bytes),
       "request the whole file, or a range within it",
       {},
       {}});
  response.headers.Set("Content-Range", fmt::format("bytes */{}", object.size_bytes));
  return response;
}

HttpResponse Part(const OpenObject& object, const ByteRange& range) {
  HttpResponse response{206, {}, FileBody{object.file, range.first, range.size_bytes}};
  response.headers.Set("Content-Range",
                       fmt::format("bytes {}-{}/{}", range.first,
                                   range.first + range.size_bytes - 1, object.size_bytes));
  return response;
}

// Allowed in filename*, besides letters and digits (RFC 8187, attr-char).
constexpr std::string_view kAttributeCharacters = "!#$&+-.^_`|~";

// For clients that do not support filename*: one '_' for each byte that could be misinterpreted.
std::string AsciiOnly(std::string_view text) {
  std::string ascii;
  for (const char c : text) {
    const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
    ascii += plain ? c : '_';
  }
  return ascii;
}

std::string SafeStem(std::string_view name) {
  std::string stem = BareFileName(name);
  if (const size_t dot = stem.find_last_of('.'); dot != std::string::npos) stem.resize(dot);
  const size_t first = stem.find_first_not_of(". ");
  stem.erase(0, first == std::string::npos ? stem.size() : first);
  for (char& c : stem) {
    if (std::string_view("<>:\"|?*").find(c) != std::string_view::npos) c = '_';
  }
  stem = CutText(stem, kMaxStemBytes);
  return stem.empty() ? "document" : stem;
}

}  // namespace

std::string ObjectTag(Generation generation) { return fmt::format("\"g{}\"", generation); }

Result<HttpResponse> FileReply(const Call& call, const std::string& key,
                               std::string_view content_type) {
  ASSIGN_OR_RETURN(const OpenObject object, OpenTagged(call.core.world.actions.store, key));
  const bool known = IsKnownToCaller(call.request, object.tag);
  const RangeChoice choice = known ? RangeChoice{} : RangeWanted(call.request, object);
  if (choice.verdict == RangeVerdict::kUnsatisfiable) return Unsatisfiable(object);
  HttpResponse response = choice.verdict == RangeVerdict::kPart
                              ? Part(object, choice.range)
                              : HttpResponse{200, {}, FileBody{object.file, 0, object.size_bytes}};
  response.headers.Set("Content-Type", std::string(content_type));
  response.headers.Set("Accept-Ranges", "bytes");
  return WithTag(call.request, object.tag, std::move(response));
}

std::string AttachmentHeader(std::string_view uploaded_name, std::string_view ending) {
  const std::string name = SafeStem(uploaded_name) + "." + std::string(ending);
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", AsciiOnly(name),
                     PercentEncode(name, kAttributeCharacters));
}

}  // namespace gnosis
