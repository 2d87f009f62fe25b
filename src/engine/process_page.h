// One page from document to artefacts, in the child: render, keep a real text layer, else
// recognise; turn it upright; try adaptive thresholding when nearly nothing was found on much ink.
#pragma once

#include "base/result.h"
#include "child/document.h"
#include "engine/ocr_engine.h"
#include "page/page_request.h"

namespace gnosis {

// result.completed is true in what comes back; a page that cannot be read is an error.
Result<PageArtefacts> ProcessPage(Document& document, OcrEngine& engine,
                                  const PageRequest& request);

// The written rule of docs/text-layer.md. The reason is for people: it goes into source_reason.
struct TextLayerVerdict {
  bool covers_page = false;
  std::string reason;
};
TextLayerVerdict JudgeTextLayer(const TextLayer& layer);

}  // namespace gnosis
