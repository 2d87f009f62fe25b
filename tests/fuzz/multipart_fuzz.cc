// A form from outside, with the boundary "B". Byte 0 says how large the pieces are in which it
// comes; whatever the pieces, the same parts must come out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/multipart.h"

namespace {

struct Seen {
  std::string parts;
  std::string error;
  bool operator==(const Seen&) const = default;
};

Seen Read(std::string_view body, size_t piece_bytes) {
  Seen seen;
  auto reader = gnosis::MultipartReader::Make("multipart/form-data; boundary=B",
                                              {.on_part =
                                                   [&](const gnosis::PartHead& head) {
                                                     seen.parts += "part " + head.name + "/" +
                                                                   head.file_name.value_or("-") +
                                                                   "/" + head.content_type + ":";
                                                     return gnosis::Ok();
                                                   },
                                               .on_data =
                                                   [&](std::string_view bytes) {
                                                     GNOSIS_CHECK(!bytes.empty());
                                                     seen.parts += bytes;
                                                     return gnosis::Ok();
                                                   },
                                               .on_part_end =
                                                   [&] {
                                                     seen.parts += ";";
                                                     return gnosis::Ok();
                                                   }});
  gnosis::Status status = gnosis::Ok();
  while (status.ok() && !body.empty()) {
    const std::string_view piece = body.substr(0, piece_bytes);
    status = (*reader)->Feed(piece);
    body.remove_prefix(piece.size());
  }
  const gnosis::Status finished = (*reader)->Finish();
  if (!finished.ok()) seen.error = finished.error().message;
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = Read(body, SIZE_MAX);
  const Seen pieces = Read(body, size_t{1} + data[0]);
  GNOSIS_CHECK(whole.error.empty() == pieces.error.empty());
  if (whole.error.empty()) GNOSIS_CHECK(whole == pieces);
  return 0;
}
