// Processes one page, from document to artefacts, in the child process: renders it; keeps a real
// text layer, otherwise recognises the page; turns it upright; tries adaptive thresholding if
// almost no text was found despite much ink.
#pragma once

#include "base/result.h"
#include "child/document.h"
#include "engine/ocr_engine.h"
#include "page/page_request.h"

namespace gnosis {

// On success result.completed is true; a page that cannot be processed is an error.
Result<PageArtefacts> ProcessPage(Document& document, OcrEngine& engine,
                                  const PageRequest& request);

// Implements the rule in docs/text-layer.md. The reason is for people: it goes into source_reason.
struct TextLayerVerdict {
  bool covers_page = false;
  std::string reason;
};
TextLayerVerdict JudgeTextLayer(const TextLayer& layer);

}  // namespace gnosis
