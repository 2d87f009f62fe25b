// What a hostile page child may send: byte 0 says which question was asked (odd: read; even: open,
// and with 2 its first answer, the seal), bytes 1 and 2 the length of the message (big-endian),
// then the message, then the arena.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "page/page_result.h"
#include "reader/page_reply.h"

namespace {

constexpr uint32_t kSequence = 1;

void CheckPage(std::string_view message, std::string_view arena) {
  const gnosis::PageRequest request{.page = 7};
  const auto artefacts = gnosis::DecodePageReply(message, kSequence, arena, request, {});
  if (!artefacts.ok()) return;
  // What the parent believes it can also write down and read back.
  const auto again = gnosis::DecodePageResult(gnosis::EncodePageResult(artefacts->result));
  GNOSIS_CHECK(again.ok());
  GNOSIS_CHECK(*again == artefacts->result);
}

void CheckDocument(std::string_view message) {
  const auto info = gnosis::DecodeOpenReply(message, kSequence, {});
  GNOSIS_CHECK(!info.ok() || info->page_count > 0);
}

void CheckSeal(std::string_view message) {
  const auto report = gnosis::DecodeSealReply(message, kSequence);
  GNOSIS_CHECK(!report.ok() || (gnosis::IsSealed(*report) && report->landlock_abi >= 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 3, size - 3);
  const size_t length = size_t(data[1]) << 8 | data[2];
  const std::string_view message = rest.substr(0, length);
  if (data[0] == 2) {
    CheckSeal(message);
  } else if (data[0] % 2 == 0) {
    CheckDocument(message);
  } else {
    CheckPage(message, rest.substr(message.size()));
  }
  return 0;
}
