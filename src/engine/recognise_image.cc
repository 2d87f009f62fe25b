#include "engine/recognise_image.h"

#include <cctype>
#include <string_view>
#include <utility>

#include "engine/page_ink.h"

namespace gnosis {
namespace {

// These values were measured on upright, turned and badly lit pages; see bench/README-accuracy.md.
constexpr int kBlankContrast = 24;
constexpr int kInkContrast = 60;
constexpr int kMuchInkTiles = 200;
constexpr double kNearlyNothingRead = 0.35;  // share of the ink
constexpr double kNearlyNoText = 200;        // see Worth
constexpr float kBelievedConfidence = 50;
constexpr double kSureConfidence = 65;
constexpr int kSureWords = 8;
constexpr double kMostlySideways = 0.5;
constexpr int kFromHeadToFoot = 270;  // degrees clockwise that make such lines upright
constexpr int kFromFootToHead = 90;
constexpr double kConfidentOrientation = 2;
constexpr double kClearlyBetter = 1.2;  // times the worth of the current result
constexpr double kAsGood = 0.8;

RecogniseRequest EngineRequest(const Raster& gray, const ReadingRequest& request,
                               Thresholding thresholding) {
  return RecogniseRequest{request.languages, gray.dpi, thresholding, request.effort};
}

int LettersAndDigits(std::string_view utf8) {
  int count = 0;
  for (const unsigned char byte : utf8) {
    if (byte < 0x80 ? std::isalnum(byte) != 0 : byte >= 0xC0) ++count;
  }
  return count;
}

template <typename Visit>
void ForEachLine(const PageText& text, Visit visit) {
  for (const Block& block : text.blocks) {
    for (const Paragraph& paragraph : block.paragraphs) {
      for (const Line& line : paragraph.lines) visit(line);
    }
  }
}

int Letters(const Line& line) {
  int letters = 0;
  for (const Word& word : line.words) letters += LettersAndDigits(word.text);
  return letters;
}

// Tesseract also recognises lines that run up the page; lines of few letters may have any shape.
bool RunsSideways(const Line& line) {
  return Letters(line) >= 3 && line.box.bottom - line.box.top > line.box.right - line.box.left;
}

double SidewaysShare(const PageText& text) {
  int letters = 0;
  int sideways = 0;
  ForEachLine(text, [&](const Line& line) {
    letters += Letters(line);
    if (RunsSideways(line)) sideways += Letters(line);
  });
  return letters == 0 ? 0 : double(sideways) / letters;
}

bool RunMostlySideways(const PageText& words) {
  return WordCount(words) > 0 && SidewaysShare(words) >= kMostlySideways;
}

bool AreSure(const PageText& words) {
  return WordCount(words) >= kSureWords && *MeanConfidence(words) >= kSureConfidence;
}

double LineWorth(const Line& line) {
  double worth = 0;
  for (const Word& word : line.words) {
    if (word.confidence < kBelievedConfidence) continue;
    worth += LettersAndDigits(word.text) * double(word.confidence) / 100;
  }
  return worth;
}

double UprightWorth(const PageText& text) {
  double worth = 0;
  ForEachLine(text, [&](const Line& line) {
    if (!RunsSideways(line)) worth += LineWorth(line);
  });
  return worth;
}

bool IsBetterTurned(const PageText& turned, const PageText& before) {
  const double worth = UprightWorth(turned);
  return worth > kClearlyBetter * UprightWorth(before) && worth >= kAsGood * Worth(before);
}

// By how much to turn the page, if at all: a guess that a second recognition must confirm.
Result<int> GuessTurn(const RecognisedImage& reading, OcrEngine& engine) {
  const bool sideways = RunMostlySideways(reading.words);
  // Tesseract assumes that vertical lines run down the page.
  if (sideways && AreSure(reading.words)) return kFromHeadToFoot;
  ASSIGN_OR_RETURN(const auto orientation,
                   engine.FindOrientation(reading.image, *reading.thresholding));
  if (orientation && orientation->confidence >= kConfidentOrientation) return orientation->degrees;
  return sideways ? kFromFootToHead : 0;
}

// Costs nothing if the page was recognised well, or if a rotation was requested.
Status TurnUpright(RecognisedImage& reading, OcrEngine& engine, const ReadingRequest& request) {
  if (request.rotate) return Ok();
  if (AreSure(reading.words) && !RunMostlySideways(reading.words)) return Ok();
  ASSIGN_OR_RETURN(const int degrees, GuessTurn(reading, engine));
  if (degrees == 0) return Ok();
  Raster turned = RotateClockwise(reading.image, degrees);
  const auto engine_request = EngineRequest(turned, request, *reading.thresholding);
  ASSIGN_OR_RETURN(PageText words, engine.Recognise(turned, engine_request));
  if (!IsBetterTurned(words, reading.words)) return Ok();
  reading.image = std::move(turned);
  reading.words = std::move(words);
  reading.angle = degrees;
  return Ok();
}

bool HasMuchInkAndNearlyNoText(const RecognisedImage& reading) {
  if (Worth(reading.words) >= kNearlyNoText) return false;
  const InkMap ink = FindInk(reading.image, kInkContrast);
  return ink.inked_count >= kMuchInkTiles &&
         InkReadAsWords(ink, reading.words, kBelievedConfidence) < kNearlyNothingRead;
}

Status TryAdaptiveThresholding(RecognisedImage& reading, OcrEngine& engine,
                               const ReadingRequest& request) {
  const auto engine_request = EngineRequest(reading.image, request, Thresholding::kSauvola);
  ASSIGN_OR_RETURN(PageText words, engine.Recognise(reading.image, engine_request));
  if (Worth(words) <= kClearlyBetter * Worth(reading.words)) return Ok();
  reading.words = std::move(words);
  reading.thresholding = Thresholding::kSauvola;
  return Ok();
}

}  // namespace

double Worth(const PageText& text) {
  double worth = 0;
  ForEachLine(text, [&](const Line& line) { worth += LineWorth(line); });
  return worth;
}

Result<RecognisedImage> RecogniseImage(Raster gray, OcrEngine& engine,
                                       const ReadingRequest& request) {
  RecognisedImage reading;
  reading.angle = request.rotate.value_or(0);
  reading.image = reading.angle == 0 ? std::move(gray) : RotateClockwise(gray, reading.angle);
  if (!HasInk(reading.image, kBlankContrast)) return reading;
  const auto first = EngineRequest(reading.image, request, Thresholding::kOtsu);
  ASSIGN_OR_RETURN(reading.words, engine.Recognise(reading.image, first));
  reading.thresholding = Thresholding::kOtsu;
  if (request.effort == Effort::kReduced) return reading;
  RETURN_IF_ERROR(TurnUpright(reading, engine, request));
  if (!HasMuchInkAndNearlyNoText(reading)) return reading;
  RETURN_IF_ERROR(TryAdaptiveThresholding(reading, engine, request));
  // Text that Otsu thresholding had hidden may also be sideways.
  if (reading.thresholding == Thresholding::kSauvola && reading.angle == 0) {
    RETURN_IF_ERROR(TurnUpright(reading, engine, request));
  }
  return reading;
}

}  // namespace gnosis
