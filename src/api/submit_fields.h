// The options that a caller may give for a document, in the query or as form fields.
//
// Lifecycle of the fields: taken from the query first, then from the form as its parts arrive (a
// form field overrides a query parameter of the same name), converted to a Submission at the end.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "task/admission.h"

namespace gnosis {

inline constexpr size_t kMaxFieldBytes = 16 << 10;

// 1 to `limit_bytes` visible ASCII characters. kInvalidArgument.
Status CheckIdempotencyKey(std::string_view key, size_t limit_bytes);

class SubmitFields {
 public:
  // kInvalidArgument: unknown field (a typo must not be ignored).
  static Status CheckName(std::string_view name);
  // kInvalidArgument: CheckName; a field given twice in a form.
  Status TakeFromQuery(const std::map<std::string, std::string>& query);
  Status TakeFromForm(const std::string& name, std::string value);
  // The uploaded file's name; the field file_name takes precedence.
  void NameFile(std::string file_name) { uploaded_name_ = std::move(file_name); }
  // kTooLarge if the document's name, without folders, is longer.
  Status CheckFileName(size_t limit_bytes) const;
  // kInvalidArgument names the field and its allowed values.
  Result<Submission> Read() const;

 private:
  std::optional<std::string> Find(std::string_view name) const;
  std::string FileName() const;
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> form_;
  std::string uploaded_name_;
};

}  // namespace gnosis
