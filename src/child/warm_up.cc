#include "child/warm_up.h"

#include <fontconfig/fontconfig.h>

#include <filesystem>
#include <string_view>

namespace gnosis {
namespace {

// The folder of Debian's poppler-data; it is compiled into poppler.
constexpr const char* kPopplerData = "/usr/share/poppler";
constexpr int kWarmUpDpi = 36;

// Times is not embedded, so poppler asks fontconfig for it. The offsets are missing on purpose:
// poppler finds the objects by itself.
constexpr std::string_view kOnePage =
    "%PDF-1.4\n"
    "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    "2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n"
    "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 36] /Contents 4 0 R\n"
    "/Resources << /Font << /F 5 0 R >> >> >>\nendobj\n"
    "4 0 obj\n<< /Length 33 >>\nstream\nBT /F 12 Tf 9 9 Td (Gnosis) Tj ET\nendstream\nendobj\n"
    "5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>\nendobj\n"
    "trailer\n<< /Root 1 0 R /Size 6 >>\n%%EOF\n";

void AddFonts(std::vector<std::string>& paths) {
  for (const FcSetName set : {FcSetSystem, FcSetApplication}) {
    const FcFontSet* fonts = FcConfigGetFonts(nullptr, set);
    for (int i = 0; fonts != nullptr && i < fonts->nfont; ++i) {
      FcChar8* file = nullptr;
      if (FcPatternGetString(fonts->fonts[i], FC_FILE, 0, &file) == FcResultMatch) {
        paths.emplace_back(reinterpret_cast<const char*>(file));
      }
    }
  }
}

void AddFolder(const char* folder, std::vector<std::string>& paths) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) paths.push_back(entry->path().string());
  }
}

}  // namespace

Result<std::unique_ptr<WarmPoppler>> WarmPoppler::Open() {
  ASSIGN_OR_RETURN(auto document, OpenPdf(kOnePage, "", RenderLimits{}));
  const auto page = document->Render(1, kWarmUpDpi);
  if (!page.ok()) return page.error();
  const auto layer = document->ReadTextLayer(1, page->raster);
  if (!layer.ok()) return layer.error();
  return std::unique_ptr<WarmPoppler>(new WarmPoppler(std::move(document)));
}

std::vector<std::string> WarmPoppler::LateFiles() const {
  std::vector<std::string> paths;
  AddFonts(paths);
  AddFolder(kPopplerData, paths);
  return paths;
}

}  // namespace gnosis
