#include "engine/recognise_image.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/add_lines.h"
#include "engine/line_worth.h"
#include "engine/page_ink.h"
#include "engine/painting.h"
#include "engine/second_look.h"
#include "layout/leaders.h"
#include "layout/page_layout.h"

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
constexpr int kMostLooks = 2;

RecogniseRequest EngineRequest(const Raster& gray, const ReadingRequest& request,
                               Thresholding thresholding) {
  return RecogniseRequest{.languages = request.languages,
                          .dpi = gray.dpi,
                          .thresholding = thresholding,
                          .effort = request.effort};
}

double SidewaysShare(const PageText& text) {
  int letters = 0;
  int sideways = 0;
  ForEachLine(text, [&](const Line& line) {
    letters += LettersOf(line);
    if (!RunsAcross(line)) sideways += LettersOf(line);
  });
  return letters == 0 ? 0 : double(sideways) / letters;
}

bool RunMostlySideways(const PageText& words) {
  return WordCount(words) > 0 && SidewaysShare(words) >= kMostlySideways;
}

bool AreSure(const PageText& words) {
  return WordCount(words) >= kSureWords && *MeanConfidence(words) >= kSureConfidence;
}

double UprightWorth(const PageText& text) {
  double worth = 0;
  ForEachLine(text, [&](const Line& line) {
    if (RunsAcross(line)) worth += Worth(line);
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

// Recognises `gray`, whose ink is `ink`, without a second look at what that left.
Result<RecognisedImage> ReadOnce(Raster gray, const PageInk& ink, Extent extent, OcrEngine& engine,
                                 const ReadingRequest& request) {
  RecognisedImage reading;
  reading.image = std::move(gray);
  auto first = EngineRequest(reading.image, request, Thresholding::kOtsu);
  first.ink = &ink;
  first.extent = extent;
  ASSIGN_OR_RETURN(reading.words, engine.Recognise(reading.image, first));
  reading.thresholding = Thresholding::kOtsu;
  if (request.effort == Effort::kReduced || extent == Extent::kLittleRest) return reading;
  RETURN_IF_ERROR(TurnUpright(reading, engine, request));
  if (!HasMuchInkAndNearlyNoText(reading)) return reading;
  RETURN_IF_ERROR(TryAdaptiveThresholding(reading, engine, request));
  // Text that Otsu thresholding had hidden may also be sideways.
  if (reading.thresholding == Thresholding::kSauvola && reading.angle == 0) {
    RETURN_IF_ERROR(TurnUpright(reading, engine, request));
  }
  return reading;
}

// From a piece of the page that was turned clockwise by `degrees`, back to the page.
void PlaceOnPage(const Raster& turned, int degrees, const Box& piece, PageText& text) {
  const int quarters = (360 - degrees) % 360 / 90;
  const auto place = [&](Box& box) {
    box = TurnBox(box, quarters, turned.width, turned.height);
    box = {box.left + piece.left, box.top + piece.top, box.right + piece.left,
           box.bottom + piece.top};
  };
  for (Block& block : text.blocks) {
    place(block.box);
    for (Paragraph& paragraph : block.paragraphs) {
      place(paragraph.box);
      for (Line& line : paragraph.lines) {
        place(line.box);
        for (Word& word : line.words) place(word.box);
      }
    }
  }
}

// The page as it was, if there were any leaders to erase from it and its ink.
std::optional<Raster> EraseLeaders(Raster& page, PageInk& ink) {
  if (!ink.pieces) return std::nullopt;
  std::vector<Box> dots = FindLeaderDots(*ink.pieces);
  if (dots.empty()) return std::nullopt;
  std::optional<Raster> original = page;
  const uint8_t paper = PaperOf(page, ink.threshold);
  for (const Box& dot : dots) Fill(page, Grown(dot, kSoftEdge), paper);
  const auto from_top = [](const Box& a, const Box& b) {
    return std::tie(a.top, a.left, a.bottom, a.right) < std::tie(b.top, b.left, b.bottom, b.right);
  };
  std::sort(dots.begin(), dots.end(), from_top);
  std::erase_if(*ink.pieces, [&](const InkPiece& piece) {
    return std::binary_search(dots.begin(), dots.end(), piece.box, from_top);
  });
  return original;
}

Status LookAgain(const PageInk& ink, RecognisedImage& reading, OcrEngine& engine,
                 const ReadingRequest& request) {
  for (int look = 0; look < kMostLooks; ++look) {
    auto rest = FindRest(reading.image, ink, reading.words);
    if (!rest) return Ok();
    ReadingRequest again = request;
    again.rotate.reset();  // what was left may lie otherwise than the page
    ASSIGN_OR_RETURN(
        RecognisedImage more,
        ReadOnce(std::move(rest->image), rest->ink,
                 rest->is_little ? Extent::kLittleRest : Extent::kRest, engine, again));
    PlaceOnPage(more.image, more.angle, rest->box, more.words);
    const auto direction = more.angle == 0 ? TextDirection::kAsPage : TextDirection::kTurned;
    if (!AddLines(std::move(more.words), direction, rest->lines_again, reading.words)) return Ok();
  }
  return Ok();
}

}  // namespace

Result<RecognisedImage> RecogniseImage(Raster gray, OcrEngine& engine,
                                       const ReadingRequest& request) {
  const int asked = request.rotate.value_or(0);
  Raster image = asked == 0 ? std::move(gray) : RotateClockwise(gray, asked);
  if (!HasInk(image, kBlankContrast)) {
    RecognisedImage blank;
    blank.image = std::move(image);
    blank.angle = asked;
    return blank;
  }
  PageInk ink = FindPageInk(image);
  const std::optional<Raster> original = EraseLeaders(image, ink);
  ASSIGN_OR_RETURN(RecognisedImage reading,
                   ReadOnce(std::move(image), ink, Extent::kPage, engine, request));
  if (request.effort == Effort::kFull) {
    if (reading.angle != 0) ink = FindPageInk(reading.image);
    RETURN_IF_ERROR(LookAgain(ink, reading, engine, request));
  }
  if (original) reading.image = RotateClockwise(*original, reading.angle);
  reading.angle += asked;
  return reading;
}

}  // namespace gnosis
