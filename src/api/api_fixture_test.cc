// The implementation of api_fixture.h, and tests of its fakes.
#include "support/api_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "net/http_target.h"
#include "session/disk_store.h"
#include "task/batch.h"

namespace gnosis {
namespace {

std::string ReadBody(const FileBody& file) {
  const auto bytes = ReadDescriptor(*file.file, 1 << 20);
  EXPECT_TRUE(bytes.ok());
  return bytes->substr(file.offset, file.size_bytes);
}

}  // namespace

Status FragileStore::Trouble() {
  ++calls;
  if (!broken) return Ok();
  return Error{*broken, "/srv/secret/users/abc: no such luck", "look into /srv/secret"};
}
Result<Object> FragileStore::Read(const std::string& key) {
  RETURN_IF_ERROR(Trouble());
  return inner_.Read(key);
}
Result<ObjectInfo> FragileStore::Stat(const std::string& key) {
  RETURN_IF_ERROR(Trouble());
  return inner_.Stat(key);
}
Result<FileDescriptor> FragileStore::Open(const std::string& key) {
  RETURN_IF_ERROR(Trouble());
  return inner_.Open(key);
}
Result<Generation> FragileStore::Write(const std::string& key, std::string_view bytes,
                                       IfGeneration if_generation) {
  RETURN_IF_ERROR(Trouble());
  return inner_.Write(key, bytes, if_generation);
}
Result<std::unique_ptr<ObjectWriter>> FragileStore::StartWrite(const std::string& key,
                                                               IfGeneration if_generation) {
  RETURN_IF_ERROR(Trouble());
  return inner_.StartWrite(key, if_generation);
}
Result<std::vector<std::string>> FragileStore::List(const std::string& prefix) {
  RETURN_IF_ERROR(Trouble());
  return inner_.List(prefix);
}
Result<std::vector<std::string>> FragileStore::ListFolders(const std::string& folder) {
  RETURN_IF_ERROR(Trouble());
  return inner_.ListFolders(folder);
}
Status FragileStore::Delete(const std::string& key, IfGeneration if_generation) {
  RETURN_IF_ERROR(Trouble());
  return inner_.Delete(key, if_generation);
}
Result<uint64_t> FragileStore::SizeOf(const std::string& folder) {
  RETURN_IF_ERROR(Trouble());
  return inner_.SizeOf(folder);
}
Status FragileStore::DeleteFolder(const std::string& folder) {
  RETURN_IF_ERROR(Trouble());
  return inner_.DeleteFolder(folder);
}

Json Reply::json() const {
  const auto parsed = ParseJson(body);
  EXPECT_TRUE(parsed.ok()) << body;
  return parsed.ok() ? *parsed : Json();
}

Pending::Pending(std::unique_ptr<Exchange> exchange, Answer answer)
    : exchange_(std::move(exchange)), answer_(std::move(answer)) {
  Listen();
}

void Pending::Listen() {
  *wakes_ = 0;
  if (!waiting()) return;
  subscription_ = std::get<WaitFor>(answer_).subscribe([wakes = wakes_] { ++*wakes; });
}

void Pending::GoOn(Exchange::Why why) {
  subscription_.reset();
  answer_ = exchange_->End(why);
  Listen();
}

Reply Pending::reply() {
  EXPECT_FALSE(waiting());
  Reply reply;
  if (waiting()) return reply;
  auto& response = std::get<HttpResponse>(answer_);
  reply.status = response.status;
  reply.headers = response.headers;
  if (auto* text = std::get_if<std::string>(&response.body)) reply.body = *text;
  if (auto* file = std::get_if<FileBody>(&response.body)) reply.body = ReadBody(*file);
  if (auto* shared = std::get_if<SharedBytes>(&response.body)) reply.body = shared->bytes;
  if (auto* live = std::get_if<std::unique_ptr<LiveBody>>(&response.body)) {
    reply.live = std::move(*live);
  }
  return reply;
}

ApiTest::ApiTest() {
  for (const char* name : {"eng", "deu", "osd"}) {
    std::ofstream(models_folder_.path() / (std::string(name) + ".traineddata")) << "model";
  }
  const ModelFolders models{{models_folder_.path()}};
  disk_ = NewDiskStore(folder_.path());
  store_ = std::make_unique<FragileStore>(*disk_);
  book_ = NewSessionBook(*store_, clock_, {});
  BatchOptions batch;
  batch.batch_size = 1;
  batch.program_version = "1.2.3";
  processor_ = NewBatchProcessor(*store_, queue_, *book_, clock_, batch);
  options_.version = "1.2.3";
  options_.engines = {"tesseract 5.3.0"};
  options_.models = models;
  options_.max_upload_bytes = 5000;
  options_.data_folder = folder_.path();
  // So that the store is always read in time, even on a busy machine.
  options_.access.key_patience = Seconds(60);
  options_.seal = {.seccomp = true, .no_new_privs = true, .limits = true, .no_capabilities = true};
  StartApi();
}

void ApiTest::StartApi() {
  const ActionContext actions{*store_, queue_, *book_, clock_, 1, "1.2.3"};
  AdmissionOptions admission;
  admission.max_upload_bytes = options_.max_upload_bytes;
  admission.models = options_.models;
  admission.owner_limits = options_.owner_limits;
  admission_ = NewAdmission(actions, inspections_, admission);
  uploads_ = NewDiskPartialUploads(folder_.path(), *store_, clock_, options_.uploads);
  api_ = NewApi(
      {actions, *admission_, [this] { return queue_depth_; }, [this] { return live_workers_; },
       [this] { return free_disk_bytes_; }, [this] { return free_memory_bytes_; }, uploads_.get()},
      options_);
}

Story::Story(LiveBody& body) {
  const auto subscription = body.OnChange([] {});
  while (then == LiveBody::Then::kAtOnce && pieces < 100'000) {
    std::string piece;
    then = body.Next(piece);
    text += piece;
    largest_bytes = std::max(largest_bytes, piece.capacity());
    ++pieces;
  }
}

std::string ApiTest::AddKey(const std::string& name, const std::string& owner) {
  const std::string secret = NewSecret();
  EXPECT_TRUE(ChangeApiKeys(*disk_, [&](std::vector<ApiKey>& keys) {
                return AddApiKey(keys, name, owner, secret, clock_.now);
              }).ok());
  clock_.now += Seconds(1);
  return secret;
}

void ApiTest::RevokeKey(const std::string& name) {
  EXPECT_TRUE(ChangeApiKeys(*disk_, [&](std::vector<ApiKey>& keys) {
                return RemoveApiKey(keys, name);
              }).ok());
  clock_.now += Seconds(1);
}

ApiTest::~ApiTest() = default;

HttpRequest ApiTest::Request(const std::string& method, const std::string& target,
                             const Headers& headers) {
  const auto parsed = ParseTarget(target);
  EXPECT_TRUE(parsed.ok()) << target;
  HttpRequest request;
  request.method = method;
  request.path = parsed->path;
  request.segments = parsed->segments;
  request.query = parsed->query;
  request.headers.Set("Host", "localhost:7799");
  for (const auto& [name, value] : headers) request.headers.Set(name, value);
  request.remote_address = "127.0.0.1";
  request.local_port = 7799;
  return request;
}

Pending ApiTest::Begin(HttpRequest request, std::string_view body, size_t piece_bytes) {
  request.has_body = !body.empty();
  if (request.has_body) request.content_length = body.size();
  auto exchange = api_->Start(std::move(request));
  auto why = Exchange::Why::kBodyDone;
  // Like the server: first an empty piece, so that the request can be refused before the body is
  // sent.
  if (!body.empty() && !exchange->OnBody("").ok()) why = Exchange::Why::kBodyFailed;
  while (!body.empty() && why == Exchange::Why::kBodyDone) {
    const auto piece = body.substr(0, piece_bytes);
    body.remove_prefix(piece.size());
    if (!exchange->OnBody(piece).ok()) why = Exchange::Why::kBodyFailed;
  }
  Answer answer = exchange->End(why);
  return Pending(std::move(exchange), std::move(answer));
}

Reply ApiTest::Send(const std::string& method, const std::string& target, const Headers& headers,
                    std::string_view body) {
  return Begin(Request(method, target, headers), body).reply();
}
Reply ApiTest::Get(const std::string& target, const Headers& headers) {
  return Send("GET", target, headers);
}
Reply ApiTest::Post(const std::string& target, std::string_view body, const Headers& headers) {
  return Send("POST", target, headers, body);
}

std::string ApiTest::Submit(const std::string& document, const std::string& query) {
  const Reply reply = Post("/api/v1/jobs" + query, document);
  EXPECT_EQ(reply.status, 202) << reply.body;
  return JsonString(reply.json(), "job_id").value_or("");
}

std::string ApiTest::SubmitAndRead(const std::string& document) {
  const std::string id = Submit(document);
  WorkUntilDone();
  return id;
}

void ApiTest::Work() {
  ASSERT_FALSE(queue_.tasks.empty());
  const Task task = queue_.tasks.front();
  queue_.tasks.pop_front();
  DocumentReader reader(reader_);
  const BatchReport report = processor_->Run(task, reader, std::stop_token());
  EXPECT_EQ(report.verdict, BatchReport::Verdict::kAcknowledge);
  api_->NoteBatch(task, report);
}

void ApiTest::WorkUntilDone() {
  for (int i = 0; i < 100 && !queue_.tasks.empty(); ++i) Work();
  EXPECT_TRUE(queue_.tasks.empty());
}

SessionKey ApiTest::Session(const std::string& id) {
  return *ParseSessionKey(UserHash(kLocalUserEmail), id);
}

TEST_F(ApiTest, OneDeliveryReadsOnePage) {
  const std::string id = Submit("%PDF-1.7 pages=2");
  Work();
  const Json pages = Get(Path(id)).json()["pages"];
  EXPECT_EQ(pages["completed"], 1);
  EXPECT_EQ(pages["pending"], 1);
  WorkUntilDone();
  EXPECT_EQ(Get(Path(id)).json()["status"], "completed");
}

}  // namespace gnosis
