#include "simulation_process.h"

#include "simulation_document.h"

namespace gnosis {
namespace {

BookOptions OptionsOf(const Scenario& scenario) {
  BookOptions options{.batch_size = scenario.batch_size, .max_age = Milliseconds(0)};
  if (scenario.home == Scenario::Home::kBucket) {
    options.max_age = Milliseconds(2'000);
    options.publish_interval = Milliseconds(30'000);
  }
  return options;
}

}  // namespace

Result<Generation> EdgeStore::Write(const std::string& key, std::string_view bytes,
                                    IfGeneration if_generation) {
  return edge_.Do([&]() -> Result<Generation> {
    Nature& world = edge_.world();
    if (world.Chance(world.scenario.faults.record_vanishes)) world.lose_record(key);
    if (!world.MayWrite(key)) return Error{ErrorCode::kUnavailable, "429", ""};
    return store_.Write(key, bytes, if_generation);
  });
}

class EdgeStore::Writer final : public ObjectWriter {
 public:
  Writer(Edge& edge, std::unique_ptr<ObjectWriter> inner) : edge_(edge), inner_(std::move(inner)) {}
  Status Append(std::string_view bytes) override {
    return edge_.dead() ? Status(Edge::Failure()) : inner_->Append(bytes);
  }
  Result<Generation> Commit() override {
    return edge_.Do([&] { return inner_->Commit(); });
  }

 private:
  Edge& edge_;
  const std::unique_ptr<ObjectWriter> inner_;
};

Result<std::unique_ptr<ObjectWriter>> EdgeStore::StartWrite(const std::string& key,
                                                            IfGeneration if_generation) {
  ASSIGN_OR_RETURN(auto inner, edge_.Do([&] { return store_.StartWrite(key, if_generation); }));
  return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(edge_, std::move(inner)));
}

Status EdgeQueue::Enqueue(const Task& task, std::optional<Time> not_before) {
  return edge_.Do([&]() -> Status {
    Nature& world = edge_.world();
    if (world.Chance(world.scenario.faults.queue_fails)) return Edge::Failure();
    world.Enqueue(task, not_before);
    return Ok();
  });
}

Result<DocumentInfo> EdgeReader::Open(const FileDescriptor& document, const std::string&) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadDescriptor(document, 1000));
  document_ = DocumentIn(bytes);
  if (document_ == kRefusedDocument) return Error{ErrorCode::kDamaged, "refused", ""};
  return DocumentInfo{"application/pdf", edge_.world().scenario.pages};
}

Result<PageArtefacts> EdgeReader::Read(const PageRequest& request) {
  edge_.Yield();
  Nature& world = edge_.world();
  const Scenario& scenario = world.scenario;
  world.now += Seconds(world.Random(5));
  if (world.Chance(scenario.faults.overrun)) world.now += kDispatchDeadline + Seconds(120);
  if (scenario.killers.contains(request.page) || world.Chance(scenario.faults.crash)) edge_.Die();
  if (edge_.dead()) return Edge::Failure();
  if (scenario.poison.contains(request.page) || world.Chance(scenario.faults.child_dies)) {
    return Error{ErrorCode::kChildDied, "simulated", ""};
  }
  edge_.Yield();
  ++world.pages_read;
  PageArtefacts artefacts;
  artefacts.result.completed = true;
  artefacts.result.width = artefacts.result.height = 100;
  artefacts.result.dpi = 300;
  artefacts.result.source = "simulated";
  const std::string text = PageTextOf(document_, request.page);
  const Line line{{0, 0, 90, 10}, {}, {Word{text, {0, 0, 90, 10}, 90}}};
  artefacts.result.words.blocks = {{line.box, {{line.box, {line}}}}};
  artefacts.result.text = PlainText(artefacts.result.words);
  artefacts.image_png = "image of " + text;
  artefacts.preview_jpeg = "preview of " + text;
  return artefacts;
}

Process::Process(Nature& world, Strand& strand, Seconds skew)
    : edge(world, strand),
      store(edge),
      queue(edge),
      clock(world, skew),
      pages(edge),
      book(NewSessionBook(store, clock, OptionsOf(world.scenario))),
      actions{store, queue, *book, clock, world.scenario.chains, "sim"} {}

}  // namespace gnosis
