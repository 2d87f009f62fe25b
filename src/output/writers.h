// The writers behind NewOutputWriter, one source file each.
#pragma once

#include <memory>

#include "output/output_writer.h"

namespace gnosis {

// Pages separated by form feeds, none after the last; ends with one newline.
std::unique_ptr<OutputWriter> NewTextWriter(Sink sink);
// One document, one page per row (the fields are described in the docs). Contains neither times nor
// the job's id: the same pages give the same bytes in every job.
std::unique_ptr<OutputWriter> NewJsonWriter(Sink sink);
// hOCR 1.2 (http://kba.github.io/hocr-spec/1.2/) as XHTML 1.0.
std::unique_ptr<OutputWriter> NewHocrWriter(Sink sink);

}  // namespace gnosis
