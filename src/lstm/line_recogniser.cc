#include "lstm/line_recogniser.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "lstm/beam_decoder.h"
#include "lstm/byte_reader.h"
#include "lstm/character_set.h"
#include "lstm/dictionary.h"
#include "lstm/line_network.h"
#include "lstm/mapped_file.h"
#include "lstm/model_file.h"

namespace gnosis {
namespace {

// Number of lines that run together: enough to load weights rarely, few enough to stay in the
// cache.
constexpr size_t kLinesTogether = 8;
constexpr int64_t kSeedPerIteration = 0x10000001;
constexpr int32_t kRecodedFlag = 64;
// A line with a lower mean probability is tried again with black and white inverted.
constexpr double kSurely = 0.7;
constexpr int kProbabilitySteps = 127;

// What follows the network in its part of the file.
struct Training {
  int32_t flags = 0;
  int32_t sample_iteration = 0;
  int32_t null_output = 0;
};

Result<Training> ReadTraining(ByteReader& reader) {
  Training training;
  ASSIGN_OR_RETURN([[maybe_unused]] const std::string specification, reader.ReadString());
  ASSIGN_OR_RETURN(training.flags, reader.Read<int32_t>());
  ASSIGN_OR_RETURN([[maybe_unused]] const int32_t iteration, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(training.sample_iteration, reader.Read<int32_t>());
  ASSIGN_OR_RETURN(training.null_output, reader.Read<int32_t>());
  if ((training.flags & kRecodedFlag) == 0) {
    return UnsupportedModel("has one output per character, an old format");
  }
  return training;
}

struct Model {
  MappedFile file;  // empty if the caller owns the bytes
  ModelParts parts;
  CharacterSet characters;
  OutputCharacters outputs;
  int null_output = 0;
  Dictionary dictionary;
  std::unique_ptr<LineNetwork> network;
};

Status ReadNetwork(Model& model, const Kernels& kernels) {
  ByteReader reader(model.parts.network, "network");
  ASSIGN_OR_RETURN(const LayerNode root, ReadLayer(reader));
  ASSIGN_OR_RETURN(const Training training, ReadTraining(reader));
  ASSIGN_OR_RETURN(model.network,
                   BuildLineNetwork(root, training.sample_iteration * kSeedPerIteration, kernels));
  model.null_output = training.null_output;
  return Ok();
}

Status CheckOutputs(Model& model) {
  const auto outputs = size_t(model.network->output_count());
  if (outputs < 2 || model.outputs.character.size() > outputs) {
    return DamagedModel("its network has too few outputs for its characters");
  }
  model.outputs.character.resize(outputs, kNoCharacter);
  const auto& characters = model.characters.characters;
  if (std::any_of(characters.begin(), characters.end(),
                  [](const Character& character) { return character.is_right_to_left; })) {
    return UnsupportedModel("is for a right-to-left script");
  }
  return Ok();
}

Result<std::unique_ptr<Model>> ReadModel(std::string_view bytes, const Kernels& kernels) {
  auto model = std::make_unique<Model>();
  ASSIGN_OR_RETURN(model->parts, SplitModelFile(bytes));
  RETURN_IF_ERROR(ReadNetwork(*model, kernels));
  ASSIGN_OR_RETURN(model->characters, ReadCharacterSet(model->parts.characters));
  ASSIGN_OR_RETURN(model->outputs,
                   ReadRecoder(model->parts.recoder, model->characters, model->null_output));
  RETURN_IF_ERROR(CheckOutputs(*model));
  ASSIGN_OR_RETURN(model->dictionary,
                   Dictionary::Read(model->parts.punctuation_dawg, model->parts.word_dawg,
                                    model->parts.number_dawg, model->characters));
  return model;
}

class RealLineRecogniser final : public LineRecogniser {
 public:
  explicit RealLineRecogniser(std::unique_ptr<Model> model)
      : model_(std::move(model)),
        decoder_(model_->characters, model_->outputs, model_->null_output, model_->dictionary) {}

  std::string_view settings() const override { return model_->parts.settings; }

  std::vector<std::vector<LineWord>> Recognise(std::span<const GrayImage> lines) override {
    std::vector<std::vector<LineWord>> words(lines.size());
    std::vector<Prepared> prepared;
    for (size_t i = 0; i < lines.size(); ++i) Prepare(lines[i], i, prepared);
    std::stable_sort(prepared.begin(), prepared.end(), [](const Prepared& a, const Prepared& b) {
      return a.scaled.width > b.scaled.width;
    });
    for (size_t first = 0; first < prepared.size(); first += kLinesTogether) {
      const size_t count = std::min(kLinesTogether, prepared.size() - first);
      RecogniseTogether(std::span(prepared).subspan(first, count), words);
    }
    return words;
  }

 private:
  struct Prepared {
    size_t line = 0;
    GrayImage scaled;
    float pixels_per_column = 0;  // of the line as passed in
  };

  void Prepare(const GrayImage& line, size_t number, std::vector<Prepared>& prepared) const {
    if (line.width <= 0 || line.height <= 0) return;
    const int height = model_->network->line_height();
    const int column_pixels = model_->network->column_pixels();
    GrayImage scaled = ScaleToHeight(line, height);
    if (scaled.width < column_pixels || scaled.height != height) return;
    const float scale = float(height) / float(line.height);
    prepared.push_back({number, std::move(scaled), float(column_pixels) / scale});
  }

  std::vector<LineOutputs> RunNetwork(std::span<const Prepared* const> lines, Polarity polarity) {
    std::vector<const GrayImage*> scaled;
    for (const Prepared* line : lines) scaled.push_back(&line->scaled);
    return model_->network->Run(scaled, polarity);
  }

  void RecogniseTogether(std::span<const Prepared> lines,
                         std::vector<std::vector<LineWord>>& words) {
    std::vector<const Prepared*> pointers;
    for (const Prepared& line : lines) pointers.push_back(&line);
    std::vector<LineOutputs> outputs = RunNetwork(pointers, Polarity::kAsIs);
    TryInverted(pointers, outputs);
    for (size_t i = 0; i < lines.size(); ++i) {
      words[lines[i].line] =
          CollectWords(decoder_.Decode(outputs[i]), model_->characters, lines[i].pixels_per_column);
    }
  }

  // For white text on black.
  void TryInverted(std::span<const Prepared* const> lines, std::vector<LineOutputs>& outputs) {
    std::vector<const Prepared*> doubtful;
    std::vector<size_t> places;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (Sureness(outputs[i]) >= kSurely) continue;
      doubtful.push_back(lines[i]);
      places.push_back(i);
    }
    if (doubtful.empty()) return;
    std::vector<LineOutputs> inverted = RunNetwork(doubtful, Polarity::kInverted);
    for (size_t i = 0; i < places.size(); ++i) {
      LineOutputs& as_is = outputs[places[i]];
      if (Sureness(inverted[i]) > Sureness(as_is)) as_is = std::move(inverted[i]);
    }
  }

  // The mean probability, in steps, of the best output, over columns whose best output is a
  // character.
  double Sureness(const LineOutputs& line) const {
    int64_t sum = 0;
    int count = 0;
    for (int x = 0; x < line.width; ++x) {
      const float* column = line.column(x);
      const float* best = std::max_element(column, column + line.outputs);
      if (best - column == model_->null_output) continue;
      sum += int(kProbabilitySteps * *best);
      ++count;
    }
    return count == 0 ? 0 : float(double(sum) / count) / kProbabilitySteps;
  }

  std::unique_ptr<Model> model_;
  BeamDecoder decoder_;
};

}  // namespace

Result<std::unique_ptr<LineRecogniser>> ReadLineRecogniser(std::string_view model,
                                                           const Kernels& kernels) {
  ASSIGN_OR_RETURN(std::unique_ptr<Model> read, ReadModel(model, kernels));
  return std::unique_ptr<LineRecogniser>(std::make_unique<RealLineRecogniser>(std::move(read)));
}

Result<std::unique_ptr<LineRecogniser>> LoadLineRecogniser(const std::filesystem::path& path,
                                                           const Kernels& kernels) {
  ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  ASSIGN_OR_RETURN(std::unique_ptr<Model> model, ReadModel(file.bytes(), kernels));
  model->file = std::move(file);
  return std::unique_ptr<LineRecogniser>(std::make_unique<RealLineRecogniser>(std::move(model)));
}

}  // namespace gnosis
