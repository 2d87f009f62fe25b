#include "apidoc/openapi.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "api/routes.h"
#include "support/api_fixture.h"

namespace gnosis {
namespace {

class OpenApiTest : public ApiTest {
 protected:
  const Json document_ = Get("/openapi.json").json();

  Json Resolve(const Json& schema) const {
    const auto ref = JsonString(schema, "$ref");
    if (!ref) return schema;
    const std::string name = ref->substr(ref->rfind('/') + 1);
    EXPECT_TRUE(document_["components"]["schemas"].contains(name)) << name;
    return document_["components"]["schemas"][name];
  }

  // Checks types and required members of an answer, recursively.
  void ExpectFits(const Json& value, const Json& unresolved, const std::string& where) const {
    const Json schema = Resolve(unresolved);
    if (!schema.contains("type")) return;
    std::vector<std::string> types;
    if (schema["type"].is_string()) {
      types = {schema["type"].get<std::string>()};
    } else {
      types = schema["type"].get<std::vector<std::string>>();
    }
    EXPECT_TRUE(std::any_of(types.begin(), types.end(),
                            [&](const std::string& type) { return Fits(value, type); }))
        << where << ": " << value << " is not " << schema["type"];
    if (value.is_object() && schema.contains("required")) {
      for (const Json& name : schema["required"]) {
        EXPECT_TRUE(value.contains(name.get<std::string>())) << where << " lacks " << name;
      }
    }
    if (value.is_object() && schema.contains("properties")) {
      for (const auto& [name, member] : value.items()) {
        if (!schema["properties"].contains(name)) {
          ADD_FAILURE() << where << "." << name << " is not described";
          continue;
        }
        ExpectFits(member, schema["properties"][name], where + "." + name);
      }
    }
    if (value.is_array() && schema.contains("items")) {
      for (const Json& item : value) ExpectFits(item, schema["items"], where + "[]");
    }
  }
  static bool Fits(const Json& value, const std::string& type) {
    if (type == "null") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  void ExpectDescribed(const std::string& pattern, const std::string& method, const Reply& reply) {
    const std::string where = method + " " + pattern + " " + std::to_string(reply.status);
    const Json& responses = document_["paths"][pattern][method]["responses"];
    const std::string status = std::to_string(reply.status);
    ASSERT_TRUE(responses.contains(status)) << where << reply.body;
    const std::string type = reply.header("Content-Type");
    if (!responses[status].contains("content")) {
      EXPECT_EQ(type, "") << where;
      EXPECT_EQ(reply.body, "") << where;
      return;
    }
    ASSERT_TRUE(responses[status]["content"].contains(type)) << where << type;
    const Json& schema = responses[status]["content"][type]["schema"];
    if (schema.contains("$ref")) ExpectFits(reply.json(), schema, where);
  }

  static std::string Fill(std::string path, const std::string& id, const std::string& page) {
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"{id}", id}, {"{page}", page}}) {
      if (const size_t at = path.find(name); at != std::string::npos) {
        path.replace(at, name.size(), value);
      }
    }
    return path;
  }

  // Calls every operation of the document, for this job and page.
  void CallEverything(const std::string& id, const std::string& page, const Headers& headers = {},
                      const std::string& query = "") {
    int calls = 0;
    int deletions = 0;
    for (const auto& [path, operations] : document_["paths"].items()) {
      for (const auto& [method, operation] : operations.items()) {
        std::string upper = method;
        for (char& c : upper) c = char(std::toupper(c));
        const bool submits =
            operation.contains("requestBody") && operation["requestBody"]["required"].get<bool>();
        // Deletion comes last, separately: the others need the job.
        if (upper == "DELETE") {
          ++deletions;
          continue;
        }
        const Reply reply =
            Send(upper, Fill(path, id, page) + query, headers, submits ? "%PDF-1.7 pages=1" : "");
        ExpectDescribed(path, method, reply);
        ++calls;
      }
    }
    EXPECT_EQ(calls + deletions, int(Routes().size()));
    EXPECT_GT(calls, 3 * deletions);
  }
};

TEST_F(OpenApiTest, EveryRouteIsDescribedAndEveryDescriptionIsARoute) {
  size_t operations = 0;
  for (const auto& [path, methods] : document_["paths"].items()) operations += methods.size();
  EXPECT_EQ(operations, Routes().size());
  EXPECT_EQ(OperationDocs().size(), Routes().size());
  for (const Route& route : Routes()) {
    EXPECT_NE(FindOperationDoc(route.method, route.pattern), nullptr) << route.pattern;
  }
}

TEST_F(OpenApiTest, OperationIdsAreUnique) {
  std::set<std::string_view> ids;
  for (const OperationDoc& doc : OperationDocs()) ids.insert(doc.id);
  EXPECT_EQ(ids.size(), OperationDocs().size());
}

TEST_F(OpenApiTest, WhatIsAnsweredIsDescribed) {
  CallEverything(SubmitAndRead("%PDF-1.7 pages=2 bad=2"), "1");
  CallEverything(SubmitAndRead("%PDF-1.7 pages=2 bad=2"), "2");
}

TEST_F(OpenApiTest, WhatIsAnsweredAboutARunningJobIsDescribed) { CallEverything(Submit(), "3"); }

TEST_F(OpenApiTest, WhatIsAnsweredAboutAnUnknownJobIsDescribed) {
  CallEverything("no-such-job", "1");
}

TEST_F(OpenApiTest, WhatAStrangerIsToldIsDescribed) {
  CallEverything(SubmitAndRead(), "1", {{"Host", "example.com"}});
}

TEST_F(OpenApiTest, WhatSomebodyWithoutAKeyIsToldIsDescribed) {
  const std::string id = SubmitAndRead();
  AddKey("laptop", "ada@example.org");
  CallEverything(id, "1");
  CallEverything(id, "1", {}, "?verbose");
  EXPECT_TRUE(document_["components"]["securitySchemes"].contains("bearer"));
  EXPECT_TRUE(document_["paths"]["/livez"]["get"]["security"].empty());
}

TEST_F(OpenApiTest, WhatIsToldAboveTheLimitsIsDescribed) {
  options_.access.max_requests_per_second = 3;
  options_.limits.disk_floor_bytes = 1000;
  StartApi();
  const std::string id = SubmitAndRead();
  free_disk_bytes_ = 0;
  CallEverything(id, "1");
  CallEverything(id, "1");
}

TEST_F(OpenApiTest, WhatAnExpiredJobSaysIsDescribed) {
  const std::string id = SubmitAndRead();
  clock_.now += Seconds(8 * 24 * 3600);
  CallEverything(id, "1");
}

TEST_F(OpenApiTest, CopiesPartsAndBadRangesAreDescribed) {
  const std::string id = SubmitAndRead();
  CallEverything(id, "1", {{"If-None-Match", "*"}});
  CallEverything(id, "1", {{"Range", "bytes=0-1"}});
  CallEverything(id, "1", {{"Range", "bytes=999999-"}});
  CallEverything(id, "1", {{"Accept", "image/x-none"}});
}

TEST_F(OpenApiTest, NonsenseInTheQueryIsDescribed) {
  const std::string id = SubmitAndRead();
  CallEverything(id, "1", {},
                 "?wait=x&limit=x&partial=x&verbose=x&formats=x&lang=klingon&since=x&state=x");
}

TEST_F(OpenApiTest, WhatABrokenStoreLeadsToIsDescribed) {
  const std::string id = SubmitAndRead();
  for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kUnavailable, ErrorCode::kPermission}) {
    book_->Forget(Session(id));
    store_->broken = code;
    CallEverything(id, "1");
    store_->broken.reset();
  }
}

TEST_F(OpenApiTest, DeletingIsDescribed) {
  const std::string id = SubmitAndRead();
  ExpectDescribed("/api/v1/jobs/{id}", "delete", Send("DELETE", Path(id)));
  ExpectDescribed("/api/v1/jobs/{id}", "delete", Send("DELETE", Path(id)));
  ExpectDescribed("/api/v1/session", "delete", Send("DELETE", "/api/v1/session"));
}

TEST_F(OpenApiTest, AnArchiveIsDescribed) {
  const std::string id = SubmitAndRead();
  CallEverything(id, "1", {}, "?format=zip");
  CallEverything(Submit(), "1", {}, "?format=zip");
}

TEST_F(OpenApiTest, WhatATusClientIsToldIsDescribed) {
  const Headers tus{{"Tus-Resumable", "1.0.0"},
                    {"Upload-Length", "16"},
                    {"Upload-Offset", "0"},
                    {"Content-Type", "application/offset+octet-stream"}};
  const std::string location = Send("POST", "/api/v1/uploads", tus).header("Location");
  const std::string id = location.substr(location.rfind('/') + 1);
  CallEverything(id, "1", tus);
  CallEverything(id, "1", tus);
  ExpectDescribed("/api/v1/uploads/{id}", "get", Get(location));
  ExpectDescribed("/api/v1/uploads/{id}", "delete", Send("DELETE", location));
  ExpectDescribed("/api/v1/uploads/{id}", "delete", Send("DELETE", location, tus));
  ExpectDescribed("/api/v1/uploads/{id}", "get", Get(location));
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  const std::string text = DumpJson(document_);
  constexpr std::string_view kRef = "#/components/schemas/";
  int references = 0;
  for (size_t at = text.find(kRef); at != std::string::npos; at = text.find(kRef, at + 1)) {
    const size_t start = at + kRef.size();
    const std::string name = text.substr(start, text.find('"', start) - start);
    EXPECT_TRUE(document_["components"]["schemas"].contains(name)) << name;
    ++references;
  }
  EXPECT_GT(references, 20);
}

}  // namespace
}  // namespace gnosis
