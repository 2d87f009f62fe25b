// /openapi.json: the API's description of itself. A test goes through the document, calls
// everything in it and compares the answers (api/openapi_test.cc), and the routes with
// api/routes.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace gnosis {

struct ParameterDoc {
  std::string_view name;
  std::string_view place;  // "query" or "header"
  std::string_view type;   // "string", "integer"
  std::string_view description;
};

struct ReplyDoc {
  int status = 200;
  std::string_view content_type;  // "" = no body
  std::string_view schema;        // in openapi_schemas.cc; "" = bytes or text
  std::string_view description;
};

enum class BodyDoc { kNone, kDocument, kRetry, kSignIn, kUploadPart, kMaybeUploadPart };

struct OperationDoc {
  std::string_view method;
  std::string_view pattern;
  std::string_view id;
  std::string_view summary;
  std::vector<ParameterDoc> parameters;  // in addition to those of the path
  BodyDoc body = BodyDoc::kNone;
  std::vector<ReplyDoc> replies;
  std::vector<int> problems;  // in addition to those of every operation
};
const std::vector<OperationDoc>& OperationDocs();  // operation_docs.cc
// nullptr: not described.
const OperationDoc* FindOperationDoc(std::string_view method, std::string_view pattern);

Json OpenApiSchemas();  // openapi_schemas.cc
Json OpenApiDocument(const std::string& version);

}  // namespace gnosis
