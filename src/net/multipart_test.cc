#include "net/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace gnosis {
namespace {

using namespace std::string_view_literals;

using testing::HasSubstr;

struct Part {
  PartHead head;
  std::string data;
  bool ended = false;
};

// Reads a form in pieces of `piece_bytes` and keeps what came.
class Form {
 public:
  explicit Form(std::string_view content_type = "multipart/form-data; boundary=B") {
    auto made = MultipartReader::Make(content_type, {.on_part =
                                                         [&](const PartHead& head) {
                                                           parts.push_back({head, "", false});
                                                           return Ok();
                                                         },
                                                     .on_data =
                                                         [&](std::string_view bytes) {
                                                           parts.back().data += bytes;
                                                           return data_status;
                                                         },
                                                     .on_part_end =
                                                         [&] {
                                                           parts.back().ended = true;
                                                           return Ok();
                                                         }});
    EXPECT_TRUE(made.ok());
    if (made.ok()) reader = *std::move(made);
  }

  Status Read(std::string_view body, size_t piece_bytes = SIZE_MAX) {
    while (!body.empty()) {
      const std::string_view piece = body.substr(0, piece_bytes);
      RETURN_IF_ERROR(reader->Feed(piece));
      body.remove_prefix(piece.size());
    }
    return reader->Finish();
  }

  std::vector<Part> parts;
  Status data_status;
  std::unique_ptr<MultipartReader> reader;
};

constexpr std::string_view kForm =
    "--B\r\n"
    "Content-Disposition: form-data; name=\"lang\"\r\n"
    "\r\n"
    "eng+deu\r\n"
    "--B\r\n"
    "content-disposition: form-data; name=\"file\"; filename=\"scan 1.pdf\"\r\n"
    "Content-Type: application/pdf\r\n"
    "\r\n"
    "%PDF\r\n--A\r\n-\r\n--\r\r\n\r\n"
    "\r\n--B--\r\nafterwards";
constexpr std::string_view kFileData = "%PDF\r\n--A\r\n-\r\n--\r\r\n\r\n";

TEST(Multipart, ReadsFieldsAndFilesWhateverThePieces) {
  for (size_t piece_bytes = 1; piece_bytes <= kForm.size(); ++piece_bytes) {
    Form form;
    const Status read = form.Read(kForm, piece_bytes);
    ASSERT_TRUE(read.ok()) << piece_bytes << ": " << read.error().message;
    ASSERT_EQ(form.parts.size(), 2u);
    EXPECT_EQ(form.parts[0].head.name, "lang");
    EXPECT_EQ(form.parts[0].head.file_name, std::nullopt);
    EXPECT_EQ(form.parts[0].head.content_type, "");
    EXPECT_EQ(form.parts[0].data, "eng+deu");
    EXPECT_EQ(form.parts[1].head.file_name, "scan 1.pdf");
    EXPECT_EQ(form.parts[1].head.content_type, "application/pdf");
    EXPECT_EQ(form.parts[1].data, kFileData);
    EXPECT_TRUE(form.parts[1].ended);
  }
}

TEST(Multipart, GivesDataOnBeforeThePartHasEnded) {
  Form form;
  ASSERT_TRUE(form.reader->Feed("--B\r\nContent-Disposition: form-data; name=f\r\n\r\n").ok());
  const std::string megabyte(1 << 20, 'x');
  ASSERT_TRUE(form.reader->Feed(megabyte).ok());
  ASSERT_EQ(form.parts.size(), 1u);
  EXPECT_GT(form.parts[0].data.size(), megabyte.size() - 10);
  EXPECT_FALSE(form.parts[0].ended);
}

TEST(Multipart, ReadsAnEmptyPartAndAnEmptyForm) {
  Form empty_part;
  ASSERT_TRUE(
      empty_part
          .Read("--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n--B--")
          .ok());
  ASSERT_EQ(empty_part.parts.size(), 1u);
  EXPECT_EQ(empty_part.parts[0].head.file_name, "");
  EXPECT_EQ(empty_part.parts[0].data, "");
  Form nothing;
  EXPECT_TRUE(nothing.Read("--B--\r\n").ok());
  EXPECT_TRUE(nothing.parts.empty());
}

TEST(Multipart, ToleratesAPreambleAndBlanksAfterTheBoundary) {
  Form form;
  ASSERT_TRUE(form.Read("This is a form.\r\n--B \t\r\nContent-Disposition: form-data; name=f\r\n"
                        "\r\nx\r\n--B--")
                  .ok());
  ASSERT_EQ(form.parts.size(), 1u);
  EXPECT_EQ(form.parts[0].data, "x");
}

TEST(Multipart, UnderstandsTheFileNamesThatClientsSend) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {R"(filename="a \"b\".pdf")", R"(a "b".pdf)"},
      {R"(filename="C:\scans\a.pdf")", R"(C:\scans\a.pdf)"},
      {R"(filename="ü;=.pdf")", "ü;=.pdf"},
      {R"(filename=plain.pdf)", "plain.pdf"},
      {R"(filename="x.pdf"; filename*=UTF-8''%C3%BC%201.pdf)", "ü 1.pdf"},
      {R"(filename="x.pdf"; filename*=latin1''%FC.pdf)", "x.pdf"},
      {R"(filename="x.pdf"; filename*=UTF-8''%00)", "x.pdf"},
  };
  for (const auto& [sent, meant] : names) {
    Form form;
    ASSERT_TRUE(form.Read("--B\r\nContent-Disposition: form-data; name=\"f\"; " + sent +
                          "\r\n\r\nx\r\n--B--")
                    .ok())
        << sent;
    EXPECT_EQ(form.parts.at(0).head.file_name, meant) << sent;
  }
}

TEST(Multipart, TakesAQuotedBoundary) {
  Form form("Multipart/Form-Data; charset=utf-8; boundary=\"a b'()+_,-./:=?\"");
  EXPECT_TRUE(form.Read("--a b'()+_,-./:=?--").ok());
}

TEST(Multipart, RefusesContentTypesWithoutAUsableBoundary) {
  for (const std::string type :
       {"", "text/plain", "multipart/mixed; boundary=B", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"B",
        "multipart/form-data; boundary=a\x01", "multipart/form-data; boundary",
        "multipart/form-data; boundary=b@d"}) {
    EXPECT_FALSE(MultipartReader::Make(type, {}).ok()) << type;
  }
  EXPECT_FALSE(
      MultipartReader::Make("multipart/form-data; boundary=" + std::string(71, 'a'), {}).ok());
}

TEST(Multipart, RefusesMalformedBodies) {
  const std::string head = "--B\r\nContent-Disposition: form-data; name=f\r\n\r\n";
  const std::vector<std::string> bodies = {
      "",
      "no boundary at all",
      head + "cut off",
      head + "x\r\n--B",
      head + "x\r\n--B-",
      head + "x\r\n--Bx\r\n",
      head + "x\r\n--B" + std::string(100, ' ') + "\r\n",
      "--B\r\n\r\nno head\r\n--B--",
      "--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Disposition: attachment; name=f\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Disposition: form-data; name=\"f\r\n\r\nx\r\n--B--",
      "--B\r\nno colon\r\n\r\nx\r\n--B--",
      std::string("--B\r\nContent-Disposition: form-data; name=\"\0\"\r\n\r\nx\r\n--B--"sv),
      "--B\r\nX: " + std::string(9000, 'x'),
  };
  for (const std::string& body : bodies) {
    for (const size_t piece_bytes : {size_t{1}, SIZE_MAX}) {
      Form form;
      const Status read = form.Read(body, piece_bytes);
      ASSERT_FALSE(read.ok()) << body;
      EXPECT_EQ(read.code(), ErrorCode::kInvalidArgument) << body;
      EXPECT_THAT(read.error().message, HasSubstr("multipart")) << body;
    }
  }
}

TEST(Multipart, LimitsTheNumberOfParts) {
  std::string body;
  for (int i = 0; i < 100; ++i)
    body += "--B\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n";
  EXPECT_TRUE(Form().Read(body + "--B--").ok());
  const Status read = Form().Read(body + "--B\r\n");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.code(), ErrorCode::kTooLarge);
  EXPECT_THAT(read.error().message, HasSubstr("100"));
}

TEST(Multipart, StaysFailedAfterACallbacksError) {
  Form form;
  form.data_status = Error{ErrorCode::kDiskFull, "no room", ""};
  EXPECT_EQ(form.Read(kForm).code(), ErrorCode::kDiskFull);
  form.data_status = Ok();
  EXPECT_EQ(form.reader->Feed("more").code(), ErrorCode::kDiskFull);
  EXPECT_EQ(form.reader->Finish().code(), ErrorCode::kDiskFull);
  EXPECT_EQ(form.parts.size(), 1u);
}

}  // namespace
}  // namespace gnosis
