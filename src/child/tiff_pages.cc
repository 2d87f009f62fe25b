// Walks the chain of image file directories of a TIFF (TIFF 6.0 section 2; BigTIFF by Aware
// Systems): libtiff's own walk reads every tag of every directory, and counts only to 65,535.
#include <optional>
#include <unordered_set>

#include "child/codecs.h"

namespace gnosis {
namespace {

constexpr uint16_t kNewSubfileType = 254;
constexpr uint64_t kThumbnailOrMask = 1 | 4;

class TiffBytes {
 public:
  explicit TiffBytes(std::string_view bytes)
      : bytes_(bytes), little_endian_(bytes.starts_with("II")) {
    big_tiff_ = Number(2, 2) == 43;
  }

  std::optional<uint64_t> FirstDirectory() const { return Number(big_tiff_ ? 8 : 4, word()); }
  std::optional<uint64_t> EntryCount(uint64_t directory) const {
    return Number(directory, count_size());
  }
  // Nothing if the directory is not entirely within the file.
  std::optional<uint64_t> NextDirectory(uint64_t directory, uint64_t entries) const {
    if (entries > bytes_.size() / entry_size()) return std::nullopt;
    return Number(directory + count_size() + entries * entry_size(), word());
  }
  bool IsPage(uint64_t directory, uint64_t entries) const {
    for (uint64_t i = 0; i < entries; ++i) {
      const uint64_t entry = directory + count_size() + i * entry_size();
      if (Number(entry, 2) != kNewSubfileType) continue;
      return (Number(entry + 4 + word(), 4).value_or(0) & kThumbnailOrMask) == 0;
    }
    return true;
  }

 private:
  size_t word() const { return big_tiff_ ? 8 : 4; }
  size_t count_size() const { return big_tiff_ ? 8 : 2; }
  size_t entry_size() const { return big_tiff_ ? 20 : 12; }

  std::optional<uint64_t> Number(uint64_t offset, size_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t at = size_t(offset) + (little_endian_ ? size - 1 - i : i);
      value = value << 8 | uint8_t(bytes_[at]);
    }
    return value;
  }

  std::string_view bytes_;
  bool little_endian_;
  bool big_tiff_ = false;
};

struct Directories {
  std::vector<uint64_t> all;
  std::vector<uint64_t> pages;
};

Directories Walk(const TiffBytes& tiff, size_t limit) {
  Directories found;
  std::unordered_set<uint64_t> seen;
  uint64_t at = tiff.FirstDirectory().value_or(0);
  while (at != 0 && seen.insert(at).second && found.all.size() <= limit) {
    const std::optional<uint64_t> entries = tiff.EntryCount(at);
    if (!entries || *entries == 0) break;
    found.all.push_back(at);
    const std::optional<uint64_t> next = tiff.NextDirectory(at, *entries);
    if (!next || tiff.IsPage(at, *entries)) found.pages.push_back(at);
    at = next.value_or(0);
  }
  return found;
}

}  // namespace

Result<std::vector<uint64_t>> FindTiffPages(std::string_view bytes, const RenderLimits& limits) {
  // Twice the limit, as every page may have a thumbnail.
  Directories found = Walk(TiffBytes(bytes), size_t(limits.max_pages) * 2);
  if (found.all.empty()) return DamagedImage("TIFF", "it has no image directory");
  std::vector<uint64_t> pages = std::move(found.pages.empty() ? found.all : found.pages);
  if (pages.size() > size_t(limits.max_pages)) {
    return TooManyPages(int64_t(pages.size()), limits);
  }
  return pages;
}

}  // namespace gnosis
