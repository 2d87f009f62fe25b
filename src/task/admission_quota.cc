#include "task/admission_quota.h"

#include <fmt/format.h>

#include <utility>

#include "session/page_ranges.h"

namespace gnosis {
namespace {

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
  std::lock_guard lock(quota_.mutex_);
  ASSIGN_OR_RETURN(const Load load, quota_.LoadOf(session_.user_hash));
  if (load.pages + pages > quota_.limits_.max_pages) {
    return TooMany(fmt::format("the {} pages of this document and {} pages of unfinished jobs are "
                               "more than the limit of {}",
                               pages, load.pages, quota_.limits_.max_pages),
                   "MAX_QUEUED_PAGES_PER_OWNER");
  }
  pages_ += pages;
  return Ok();
}

AdmissionQuota::AdmissionQuota(ObjectStore& store, SessionBook& book, OwnerLimits limits)
    : store_(store), book_(book), limits_(limits) {}

Result<std::unique_ptr<AdmissionQuota::Reservation>> AdmissionQuota::Reserve(
    const SessionKey& session) {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(const Load load, LoadOf(session.user_hash));
  RETURN_IF_ERROR(CheckJobs(load));
  auto reservation = std::make_unique<Reservation>(*this, session);
  reservations_.insert(reservation.get());
  return reservation;
}

Status AdmissionQuota::MayAddJob(const std::string& user_hash) {
  std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(const Load load, LoadOf(user_hash));
  return CheckJobs(load);
}

Status AdmissionQuota::CheckJobs(const Load& load) const {
  if (load.jobs < limits_.max_jobs) return Ok();
  return TooMany(fmt::format("{} jobs are unfinished, that is the limit", load.jobs),
                 "MAX_JOBS_PER_OWNER");
}

Result<AdmissionQuota::Load> AdmissionQuota::LoadOf(const std::string& user_hash) {
  ASSIGN_OR_RETURN(const auto keys,
                   store_.List(fmt::format("{}{}/", kUnfinishedFolder, user_hash)));
  Load load;
  std::map<SessionKey, int> listed;
  for (const std::string& key : keys) {
    if (const auto session = ParseUnfinishedKey(key)) listed[*session] = PagesOf(*session);
  }
  std::erase_if(pages_, [&](const auto& known) { return known.first.user_hash == user_hash; });
  for (const auto& [session, pages] : listed) load.pages += pages;
  load.jobs = int(listed.size());
  for (const Reservation* reservation : reservations_) {
    const SessionKey& session = reservation->session_;
    if (session.user_hash != user_hash || listed.contains(session)) continue;
    ++load.jobs;
    load.pages += reservation->pages_;
  }
  pages_.merge(listed);
  return load;
}

// What cannot be read counts for nothing: it will not be read by a worker either.
int AdmissionQuota::PagesOf(const SessionKey& session) {
  if (const auto known = pages_.find(session); known != pages_.end()) return known->second;
  const auto metadata = book_.ReadMetadata(session);
  if (!metadata.ok()) return 0;
  const auto pages = SelectPages((*metadata)->options.pages, (*metadata)->document_pages);
  return pages.ok() ? int(pages->size()) : 0;
}

}  // namespace gnosis
