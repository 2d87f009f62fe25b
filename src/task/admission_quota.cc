#include "task/admission_quota.h"

#include <fmt/format.h>

#include <utility>

#include "session/page_ranges.h"

namespace gnosis {
namespace {

constexpr Milliseconds kCountAgainAfter{60'000};
constexpr Milliseconds kCountAtOnce{1'000};
constexpr size_t kMostOwnersCounted = 10'000;

Error TooMany(std::string message, std::string_view setting) {
  return {ErrorCode::kTooManyRequests, std::move(message),
          fmt::format("wait until some are finished, or raise {}", setting)};
}

}  // namespace

AdmissionQuota::Reservation::Reservation(AdmissionQuota& quota, SessionKey session)
    : quota_(quota), session_(std::move(session)) {}

AdmissionQuota::Reservation::~Reservation() {
  std::lock_guard lock(quota_.mutex_);
  quota_.reservations_.erase(this);
}

Status AdmissionQuota::Reservation::AddPages(int pages) {
  ASSIGN_OR_RETURN(const Listed listed, quota_.ListMarked(session_.user_hash));
  std::lock_guard lock(quota_.mutex_);
  RETURN_IF_ERROR(quota_.CheckPages(quota_.LoadOf(session_.user_hash, listed, this), pages));
  pages_ += pages;
  return Ok();
}

AdmissionQuota::AdmissionQuota(ObjectStore& store, SessionBook& book, Clock& clock,
                               OwnerLimits limits)
    : store_(store), book_(book), clock_(clock), limits_(limits) {}

Result<std::unique_ptr<AdmissionQuota::Reservation>> AdmissionQuota::Reserve(
    const SessionKey& session) {
  ASSIGN_OR_RETURN(const Listed listed, ListMarked(session.user_hash));
  auto reservation = std::make_unique<Reservation>(*this, session);
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(CheckJobs(LoadOf(session.user_hash, listed, nullptr)));
  reservations_.insert(reservation.get());
  return reservation;
}

Status AdmissionQuota::MayAddJob(const SessionKey& session, int pages) {
  ASSIGN_OR_RETURN(const Listed listed, ListMarked(session.user_hash));
  std::lock_guard lock(mutex_);
  const Load load = LoadOf(session.user_hash, listed, nullptr);
  RETURN_IF_ERROR(CheckJobs(load));
  return CheckPages(load, pages);
}

Status AdmissionQuota::MayKeep(const std::string& user_hash, uint64_t size_bytes) {
  if (limits_.max_bytes == 0) return Ok();
  for (const Milliseconds max_age : {kCountAgainAfter, kCountAtOnce}) {
    ASSIGN_OR_RETURN(const uint64_t kept, CountKept(user_hash, max_age));
    std::lock_guard lock(mutex_);
    if (kept + size_bytes > limits_.max_bytes) continue;
    kept_[user_hash].size_bytes += size_bytes;
    return Ok();
  }
  return Error{ErrorCode::kTooManyRequests,
               fmt::format("with these {} bytes the limit of {} would be exceeded", size_bytes,
                           limits_.max_bytes),
               "delete jobs you no longer need, or raise MAX_BYTES_PER_OWNER"};
}

Result<uint64_t> AdmissionQuota::CountKept(const std::string& user_hash, Milliseconds max_age) {
  const Time now = clock_.Now();
  {
    std::lock_guard lock(mutex_);
    const auto known = kept_.find(user_hash);
    if (known != kept_.end() && now - known->second.counted_at < max_age) {
      return known->second.size_bytes;
    }
    if (kept_.size() > kMostOwnersCounted) kept_.clear();
  }
  ASSIGN_OR_RETURN(const uint64_t jobs, store_.SizeOf(UserFolder(user_hash)));
  ASSIGN_OR_RETURN(const uint64_t uploads, store_.SizeOf(UserUploadsFolder(user_hash)));
  std::lock_guard lock(mutex_);
  kept_[user_hash] = {jobs + uploads, now};
  return jobs + uploads;
}

Status AdmissionQuota::CheckJobs(const Load& load) const {
  if (load.jobs < limits_.max_jobs) return Ok();
  return TooMany(fmt::format("{} jobs are unfinished, which is the limit", load.jobs),
                 "MAX_JOBS_PER_OWNER");
}

Status AdmissionQuota::CheckPages(const Load& load, int pages) const {
  if (load.pages + pages <= limits_.max_pages) return Ok();
  return TooMany(fmt::format("the {} pages of this document and {} pages of unfinished jobs are "
                             "more than the limit of {}",
                             pages, load.pages, limits_.max_pages),
                 "MAX_QUEUED_PAGES_PER_OWNER");
}

Result<AdmissionQuota::Listed> AdmissionQuota::ListMarked(const std::string& user_hash) {
  ASSIGN_OR_RETURN(const auto keys,
                   store_.List(fmt::format("{}{}/", kUnfinishedFolder, user_hash)));
  Listed listed;
  {
    std::lock_guard lock(mutex_);
    for (const std::string& key : keys) {
      const auto session = ParseUnfinishedKey(key);
      if (!session) continue;
      const auto known = pages_.find(*session);
      listed[*session] = known == pages_.end() ? std::nullopt : known->second;
    }
  }
  for (auto& [session, pages] : listed) {
    if (!pages) pages = PagesOf(session);
  }
  std::lock_guard lock(mutex_);
  std::erase_if(pages_, [&](const auto& known) { return known.first.user_hash == user_hash; });
  pages_.insert(listed.begin(), listed.end());
  return listed;
}

AdmissionQuota::Load AdmissionQuota::LoadOf(const std::string& user_hash, const Listed& listed,
                                            const Reservation* own) const {
  Load load{.jobs = int(listed.size())};
  for (const auto& [session, pages] : listed) load.pages += pages.value_or(0);
  for (const Reservation* reservation : reservations_) {
    const SessionKey& session = reservation->session_;
    if (session.user_hash != user_hash || reservation == own) continue;
    const auto marked = listed.find(session);
    if (marked == listed.end()) ++load.jobs;
    // An upload in progress has its marker, but no metadata.json with its page count.
    if (marked == listed.end() || !marked->second) load.pages += reservation->pages_;
  }
  return load;
}

// A session that cannot be read does not count: no worker will be able to read it either.
std::optional<int> AdmissionQuota::PagesOf(const SessionKey& session) {
  const auto metadata = book_.ReadMetadata(session);
  if (!metadata.ok()) return std::nullopt;
  const auto pages = SelectPages((*metadata)->options.pages, (*metadata)->document_pages);
  return pages.ok() ? int(pages->size()) : 0;
}

}  // namespace gnosis
