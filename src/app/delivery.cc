#include "app/delivery.h"

#include <utility>

#include "app/output_names.h"
#include "output/output_writer.h"
#include "task/job_actions.h"

namespace gnosis {

Delivery::Delivery(Home& home, const OcrArguments& arguments, const std::vector<InputFile>& files)
    : home_(home),
      arguments_(arguments),
      disk_(NewOutputDisk()),
      written_(home.store(), SystemClock()),
      folder_(*disk_, written_, *arguments.output_folder, arguments.existing) {
  std::vector<DocumentPlace> places;
  for (const InputFile& file : files) places.push_back({file.place, file.folder});
  // All available formats: names do not depend on the requested ones.
  std::vector<std::string> endings;
  for (const OutputFormat& format : OutputFormats()) endings.push_back(format.file_ending);
  names_ = NameOutputs(places, endings);
}

Result<SessionOpener::Decision> Delivery::Decide(size_t file, const std::string& document,
                                                 SessionOpener::Earlier earlier) const {
  using Earlier = SessionOpener::Earlier;
  using Decision = SessionOpener::Decision;
  ASSIGN_OR_RETURN(const auto found, folder_.Look(NamesOf(file, document)));
  // The results of a finished session can be compared with the existing files: its run may have
  // died between delivering them and recording it.
  if (found.foreign && earlier != Earlier::kFinal) return OutputFolder::InTheWay(*found.foreign);
  const bool is_done = found.complete && earlier == Earlier::kNothing;
  const bool reads_all = arguments_.earlier_run == OcrArguments::EarlierRun::kForget;
  return is_done && !reads_all ? Decision::kSkip : Decision::kRead;
}

Status Delivery::Write(size_t file, const HeldSession& session, int failed_pages) {
  for (const std::string& format : arguments_.options.formats) {
    const auto made = EnsureResult(home_.actions(), session.key, format);
    if (!made.ok()) return made.error();
  }
  return folder_.Write(NamesOf(file, session.document), failed_pages,
                       [&](const std::string& ending) {
                         return home_.store().Open(ResultKey(session.key, ending));
                       });
}

ResultNames Delivery::NamesOf(size_t file, const std::string& document) const {
  ResultNames names{.name = names_[file], .endings = {}, .document = document};
  for (const std::string& format : arguments_.options.formats) {
    names.endings.push_back(FindOutputFormat(format)->file_ending);
  }
  return names;
}

}  // namespace gnosis
