#include "door/owner.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

TEST(OwnerOf, IsTheSameHoweverTheAddressIsTyped) {
  for (const char* email : {"ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG"}) {
    EXPECT_EQ(OwnerOf(email), "ada@example.org") << email;
  }
  EXPECT_EQ(OwnerOf("local@localhost"), "local@localhost");
  EXPECT_EQ(OwnerOf(std::string(242, 'a') + "@example.org"),
            std::string(242, 'a') + "@example.org");
}

TEST(OwnerOf, WhatCannotBeToldApartOrIsNoAddressNamesNobody) {
  for (const std::string& email : {std::string(),
                                   std::string("ada"),
                                   std::string("@example.org"),
                                   std::string("ada@"),
                                   std::string("@"),
                                   std::string("ada@example.org@evil.example"),
                                   std::string("127.0.0.1"),
                                   std::string("2001:db8:1:2::"),
                                   std::string(" ada@example.org"),
                                   std::string("ada@example.org "),
                                   std::string("ada @example.org"),
                                   std::string("ada@example.org\n"),
                                   std::string("ada@example.org\0", 16),
                                   std::string("\0ada@example.org", 16),
                                   std::string("ada@example.org\x7f"),
                                   std::string("\"ada\"@example.org"),
                                   std::string("\u00e4da@example.org"),
                                   std::string("a\u0308da@example.org"),
                                   std::string("\u0430da@example.org"),
                                   std::string("ada@ex\u200bample.org"),
                                   std::string("\xff@example.org"),
                                   std::string(243, 'a') + "@example.org"}) {
    EXPECT_EQ(OwnerOf(email), std::nullopt) << email;
  }
}

}  // namespace
}  // namespace gnosis
