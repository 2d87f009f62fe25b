#include "google/object_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>
#include <utility>

#include "base/text.h"
#include "google/object_insert.h"

namespace gnosis {
namespace {

constexpr int kMaxPages = 20'000;  // of 1,000 names each
constexpr int kDeleteThreads = 8;
constexpr int kMaxRounds = 10;

Error BadPage() { return {ErrorCode::kIo, "Cloud Storage returned an unreadable listing", ""}; }

// One page's names; returns the token of the next page, "" after the last.
Result<std::string> AddPage(const std::string& text, Listing& listing) {
  const auto json = ParseJson(text);
  if (!json.ok() || !json->is_object()) return BadPage();
  if (const auto items = json->find("items"); items != json->end()) {
    for (const Json& item : *items) {
      const auto name = JsonString(item, "name");
      const std::string digits = JsonString(item, "generation").value_or("");
      Generation generation = kAbsent;
      std::from_chars(digits.data(), digits.data() + digits.size(), generation);
      if (!name || generation <= 0) return BadPage();
      const std::string size = JsonString(item, "size").value_or("");
      uint64_t size_bytes = 0;
      std::from_chars(size.data(), size.data() + size.size(), size_bytes);
      listing.objects.push_back({*name, generation, size_bytes});
    }
  }
  if (const auto prefixes = json->find("prefixes"); prefixes != json->end()) {
    for (const Json& prefix : *prefixes) {
      if (!prefix.is_string()) return BadPage();
      listing.folders.push_back(prefix.get<std::string>());
    }
  }
  return JsonString(*json, "nextPageToken").value_or("");
}

// Several deletes in parallel: a session of 5,000 pages is 20,000 objects.
Status DeleteAll(StorageClient& client, const std::vector<ListedObject>& objects) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  Status first_error = Ok();
  const auto work = [&] {
    for (size_t i = next++; i < objects.size(); i = next++) {
      const Status deleted = DeleteObject(client, objects[i].key, objects[i].generation);
      // Another process was faster, or replaced it: the next listing shows which.
      if (deleted.ok() || deleted.code() == ErrorCode::kPreconditionFailed) continue;
      const std::lock_guard lock(mutex);
      if (first_error.ok()) first_error = deleted;
      return;
    }
  };
  std::vector<std::jthread> threads;
  const size_t count = std::min<size_t>(kDeleteThreads, objects.size());
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  return first_error;
}

}  // namespace

Result<Listing> ListObjects(StorageClient& client, const std::string& prefix, Depth depth) {
  std::string url = client.ObjectsUrl() +
                    "?maxResults=1000&fields=items(name,generation,size),prefixes,nextPageToken";
  if (!prefix.empty()) url += "&prefix=" + PercentEncode(prefix);
  if (depth == Depth::kOneLevel) url += "&delimiter=%2F";
  Listing listing;
  std::string token;
  for (int page = 0; page < kMaxPages; ++page) {
    const std::string page_url = token.empty() ? url : url + "&pageToken=" + PercentEncode(token);
    ASSIGN_OR_RETURN(const ApiReply reply,
                     client.api().Call(client.NewCall(PriceClass::kA, "GET", page_url)));
    if (!reply.ok()) return client.ToError(reply.http, prefix + "*");
    ASSIGN_OR_RETURN(token, AddPage(reply.http.body, listing));
    if (!token.empty()) continue;
    std::sort(listing.objects.begin(), listing.objects.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    std::sort(listing.folders.begin(), listing.folders.end());
    return listing;
  }
  return Error{ErrorCode::kTooLarge,
               fmt::format("{}*: the listing has more than {} pages", prefix, kMaxPages), ""};
}

Status DeleteObject(StorageClient& client, const std::string& key, IfGeneration if_generation) {
  if (!if_generation || *if_generation == kAbsent) {
    ASSIGN_OR_RETURN(const auto there, DetailsIfAny(client, key));
    if (!there) return Ok();
    if (if_generation) return Error{ErrorCode::kPreconditionFailed, key + " exists", ""};
    // Only the current generation: repeating the call must not delete a later write.
    const Status deleted = DeleteObject(client, key, there->generation);
    const bool is_other = !deleted.ok() && deleted.code() == ErrorCode::kPreconditionFailed;
    return is_other ? Ok() : deleted;
  }
  ASSIGN_OR_RETURN(
      const ApiReply reply,
      client.api().Call(client.NewCall(PriceClass::kFree, "DELETE",
                                       client.ObjectUrl(key) + "?" + Precondition(if_generation))));
  if (reply.ok()) return Ok();
  Error error = client.ToError(reply.http, key);
  if (error.code != ErrorCode::kNotFound) return error;
  // Gone since we started: the attempt whose response was lost deleted it.
  if (reply.was_ambiguous) return Ok();
  return Error{ErrorCode::kPreconditionFailed, key + " no longer exists", ""};
}

Status DeleteEverythingUnder(StorageClient& client, const std::string& folder) {
  for (int round = 0; round < kMaxRounds; ++round) {
    ASSIGN_OR_RETURN(const Listing listing, ListObjects(client, folder, Depth::kAll));
    if (listing.objects.empty()) return Ok();
    RETURN_IF_ERROR(DeleteAll(client, listing.objects));
  }
  return Error{ErrorCode::kUnavailable, folder + " is being written to while it is deleted", ""};
}

}  // namespace gnosis
