#include "net/head_scanner.h"

#include <gtest/gtest.h>

#include <string>

namespace gnosis {
namespace {

// Whatever the pieces, the same is found.
bool Passes(const std::string& head) {
  HeadScanner whole;
  HeadScanner bytes;
  const bool passes = !whole.Feed(head);
  bool passes_too = true;
  for (size_t i = 0; i < head.size() && passes_too; ++i) {
    passes_too = !bytes.Feed(head.substr(i, 1));
  }
  EXPECT_EQ(passes, passes_too) << head;
  return passes;
}

TEST(HeadScanner, LetsAPlainHeadPass) {
  EXPECT_TRUE(Passes("GET / HTTP/1.1\r\nHost: a\r\nX:\tb c \r\n\r\n"));
  EXPECT_TRUE(Passes("GET /\xc3\xbc HTTP/1.1\r\n"));
}

TEST(HeadScanner, DoesNotLookBehindTheHead) {
  EXPECT_TRUE(Passes("POST / HTTP/1.1\r\n\r\n body\nwith\rall\x01 that\n"));
}

TEST(HeadScanner, FindsLineEndsThatAreNone) {
  EXPECT_FALSE(Passes("GET / HTTP/1.1\nHost: a\r\n\r\n"));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\nHost: a\n\r\n"));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\nHost: a\r\n\n"));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\nX: a\rContent-Length: 3\r\n"));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\r\n"));
}

TEST(HeadScanner, FindsFoldedLinesAndControlCharacters) {
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\nX: a\r\n b\r\n"));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\n\tX: a\r\n"));
  EXPECT_FALSE(Passes(" GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\nX: \x01\r\n"));
  EXPECT_FALSE(Passes(std::string("GET / HTTP/1.1\r\nX: \0\r\n", 21)));
  EXPECT_FALSE(Passes("GET / HTTP/1.1\r\nX: \x7f\r\n"));
}

}  // namespace
}  // namespace gnosis
