#include "base/clock.h"

#include <gtest/gtest.h>

namespace gnosis {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

const Time kEvening =
    Time(sys_days(year(2025) / 7 / 11)) + std::chrono::hours(18) + std::chrono::minutes(5);

TEST(FormatTime, WritesUtcToTheSecond) { EXPECT_EQ(FormatTime(kEvening), "2025-07-11T18:05:00Z"); }

TEST(FormatTime, WritesMillisecondsWhereThereAreAny) {
  EXPECT_EQ(FormatTime(kEvening + Milliseconds(7)), "2025-07-11T18:05:00.007Z");
}

TEST(FormatTime, TakesTimesBefore1970) {
  EXPECT_EQ(FormatTime(Time() - Milliseconds(1)), "1969-12-31T23:59:59.999Z");
}

TEST(ParseTime, IsTheInverseOfFormatTime) {
  for (const Milliseconds offset : {Milliseconds(0), Milliseconds(1), Milliseconds(86'399'999)}) {
    EXPECT_EQ(ParseTime(FormatTime(kEvening + offset)), kEvening + offset);
  }
}

TEST(ParseTime, TakesAnyNumberOfFractionDigits) {
  EXPECT_EQ(ParseTime("2025-07-11T18:05:00.5Z"), kEvening + Milliseconds(500));
  EXPECT_EQ(ParseTime("2025-07-11T18:05:00.123456789123Z"), kEvening + Milliseconds(123));
}

TEST(ParseTime, KnowsLeapYears) {
  EXPECT_TRUE(ParseTime("2024-02-29T00:00:00Z").has_value());
  EXPECT_FALSE(ParseTime("2025-02-29T00:00:00Z").has_value());
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text :
       {"", "Z", "2025-07-11", "2025-07-11T18:05:00", "2025-07-11T18:05:00+02:00",
        "2025-07-11 18:05:00Z", "2025-07-11T18:05:00.Z", "2025-07-11T18:05:00.12x4Z",
        "2025-07-11T18:05:00z", "2025-13-11T18:05:00Z", "2025-07-32T18:05:00Z",
        "2025-07-11T24:05:00Z", "2025-07-11T18:60:00Z", "2025-07-11T18:05:61Z",
        "-025-07-11T18:05:00Z", "2025-07-11T18:05:0 Z", "20250-7-11T18:05:00Z",
        "2025-07-11T18:05:00ZZ", " 2025-07-11T18:05:00Z"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace gnosis
