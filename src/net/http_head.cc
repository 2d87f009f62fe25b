#include "net/http_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "net/http_target.h"

namespace gnosis {
namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

bool SameToken(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view CodeOf(int status) {
  switch (status) {
    case 408:
      return "timeout";
    case 413:
    case 414:
    case 431:
      return "too_large";
    case 417:
      return "expectation_failed";
    case 429:
      return "too_many_requests";
    case 501:
      return "not_implemented";
    case 503:
      return "unavailable";
    case 505:
      return "http_version_not_supported";
    default:
      return "invalid_argument";
  }
}

int CountFields(const HttpHeaders& headers, std::string_view name) {
  return int(std::count_if(headers.all().begin(), headers.all().end(),
                           [&](const auto& field) { return SameToken(field.first, name); }));
}

std::optional<HttpFault> CheckMethod(const RawHead& head) {
  if (std::find(kMethods.begin(), kMethods.end(), head.method) != kMethods.end()) {
    return std::nullopt;
  }
  return HttpFault{501, "unsupported method",
                   fmt::format("use one of: {}", fmt::join(kMethods, ", "))};
}

// The host must be unambiguous (RFC 9112 section 3.2).
std::optional<HttpFault> CheckHost(const RawHead& head) {
  const int hosts = CountFields(head.headers, "Host");
  if (hosts > 1) {
    return HttpFault{400, "the request has more than one Host header", "send only one"};
  }
  if (hosts == 0 && !head.http_1_0) {
    return HttpFault{400, "the request has no Host header", "HTTP/1.1 requires one"};
  }
  return std::nullopt;
}

// One number: a value that another parser may take for a list of two is refused, even if they
// agree.
std::optional<HttpFault> CheckContentLength(const RawHead& head) {
  const int lengths = CountFields(head.headers, "Content-Length");
  const std::string text = head.headers.Get("Content-Length").value_or("0");
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (lengths <= 1 && digits) return std::nullopt;
  return HttpFault{400, "the request has an invalid Content-Length", "send a single number"};
}

// Anything but a plain "chunked" leaves the end of the body open to interpretation.
std::optional<HttpFault> CheckTransferEncoding(const RawHead& head) {
  const auto encoding = head.headers.Get("Transfer-Encoding");
  if (!encoding) return std::nullopt;
  if (head.http_1_0) {
    return HttpFault{400, "HTTP/1.0 has no Transfer-Encoding", "use HTTP/1.1 or Content-Length"};
  }
  const int encodings = CountFields(head.headers, "Transfer-Encoding");
  if (encodings > 1 || CountFields(head.headers, "Content-Length") > 0) {
    return HttpFault{400, "the request has both Transfer-Encoding and Content-Length",
                     "send only one of them, and only once"};
  }
  if (head.chunked && SameToken(*encoding, "chunked")) return std::nullopt;
  return HttpFault{501, "unsupported Transfer-Encoding", "only \"chunked\" is supported"};
}

std::optional<HttpFault> CheckExpect(const RawHead& head) {
  const auto expect = head.headers.Get("Expect");
  if (!expect || SameToken(*expect, "100-continue")) return std::nullopt;
  return HttpFault{417, "unsupported Expect header", "only 100-continue is supported"};
}

bool IsServersOwn(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOwn{"Connection", "Content-Length",
                                                 "Transfer-Encoding", "Date"};
  return std::any_of(kOwn.begin(), kOwn.end(),
                     [&](std::string_view own) { return SameToken(own, name); });
}

// A line end in a value would let an attacker add a header or a body.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  return text;
}

}  // namespace

HttpResponse FaultResponse(const HttpFault& fault) {
  Json json = {{"type", "about:blank"},
               {"title", ReasonPhrase(fault.status)},
               {"status", fault.status},
               {"code", CodeOf(fault.status)},
               {"detail", fault.detail}};
  if (!fault.hint.empty()) json["hint"] = fault.hint;
  HttpResponse response =
      TextResponse(fault.status, "application/problem+json", DumpJson(json) + "\n");
  if (fault.status == 429 || fault.status == 503) response.headers.Set("Retry-After", "5");
  AddSafetyHeaders(response);
  return response;
}

std::variant<HttpRequest, HttpFault> CheckHead(RawHead head, size_t max_target_bytes) {
  for (const auto check :
       {&CheckMethod, &CheckHost, &CheckContentLength, &CheckTransferEncoding, &CheckExpect}) {
    if (auto fault = check(head)) return *std::move(fault);
  }
  auto target = ParseTarget(head.target, max_target_bytes);
  if (!target.ok()) {
    const int status = target.code() == ErrorCode::kTooLarge ? 414 : 400;
    return HttpFault{status, target.error().message, target.error().hint};
  }
  HttpRequest request;
  request.method = std::move(head.method);
  request.path = std::move(target->path);
  request.segments = std::move(target->segments);
  request.query = std::move(target->query);
  request.headers = std::move(head.headers);
  if (target->authority) request.headers.Set("Host", *target->authority);
  request.content_length = head.content_length;
  request.has_body = head.chunked || head.content_length.value_or(0) > 0;
  request.http_1_0 = head.http_1_0;
  return request;
}

bool ExpectsContinue(const HttpRequest& request) {
  return request.has_body && !request.http_1_0 && request.headers.Get("Expect");
}

Framing FramingOf(const HttpResponse& response, bool http_1_0) {
  if (response.status == 204 || response.status == 304) return {};
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    return {Framing::Kind::kLength, text->size()};
  }
  if (const auto* file = std::get_if<FileBody>(&response.body)) {
    return {Framing::Kind::kLength, file->size_bytes};
  }
  if (const auto* shared = std::get_if<SharedBytes>(&response.body)) {
    return {Framing::Kind::kLength, shared->bytes.size()};
  }
  return {http_1_0 ? Framing::Kind::kUntilClose : Framing::Kind::kChunked, 0};
}

std::string WriteHead(const HttpResponse& response, const Framing& framing, After after, Time now) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                                 ReasonPhrase(response.status), HttpDate(now));
  for (const auto& [name, value] : response.headers.all()) {
    if (!IsServersOwn(name)) head += fmt::format("{}: {}\r\n", OneLine(name), OneLine(value));
  }
  if (framing.kind == Framing::Kind::kLength) {
    head += fmt::format("Content-Length: {}\r\n", framing.length_bytes);
  } else if (framing.kind == Framing::Kind::kChunked) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  head += after == After::kClose ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
  return head;
}

}  // namespace gnosis
