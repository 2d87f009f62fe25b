#include "page/page_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace gnosis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A few valid values of each option.
std::vector<std::string> SomeValues(const PageOption& option) {
  std::vector<std::string> values(option.choices.begin(), option.choices.end());
  for (const int number : option.numbers) values.push_back(std::to_string(number));
  if (option.kind == PageOption::Kind::kLanguages) values = {"deu", "eng+deu", "script/Latin"};
  if (values.empty()) values = {std::to_string(option.low), std::to_string(option.high)};
  return values;
}

TEST(PageOptionTable, EveryOptionTakesAndTellsItsValues) {
  for (const PageOption& option : PageOptionTable()) {
    for (const std::string& value : SomeValues(option)) {
      PageOptions options;
      ASSERT_TRUE(SetPageOption(option, value, options).ok()) << option.name << " " << value;
      EXPECT_EQ(option.get(options), value) << option.name;
      const auto back = DecodePageOptions(EncodePageOptions(options));
      ASSERT_TRUE(back.ok()) << option.name << " " << value;
      EXPECT_EQ(*back, options) << option.name << " " << value;
    }
  }
}

TEST(PageOptionTable, EveryOptionRefusesOtherValuesAndSaysWhichThereAre) {
  for (const PageOption& option : PageOptionTable()) {
    for (const char* bad : {"x!", "-1", "71", "601", "1e3", "300 ", "AUTO", "\x1b[31m"}) {
      PageOptions options;
      const Status status = SetPageOption(option, bad, options);
      const bool is_language = option.kind == PageOption::Kind::kLanguages;
      if (is_language && status.ok()) continue;  // a name of letters and digits
      ASSERT_FALSE(status.ok()) << option.name << " " << bad;
      EXPECT_EQ(status.code(), option.unknown);
      EXPECT_THAT(status.error().message, HasSubstr(std::string(option.name)));
      EXPECT_EQ(status.error().message.find('\x1b'), std::string::npos);
      EXPECT_THAT(status.error().hint, HasSubstr(std::string(option.what)));
    }
  }
}

TEST(PageOptionTable, EveryOptionCanBeNamedByPeople) {
  std::set<std::string_view> keys, names;
  for (const PageOption& option : PageOptionTable()) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_TRUE(option.at_submission || option.at_retry) << option.key;
    EXPECT_FALSE(option.what.empty()) << option.key;
    if (option.at_submission) {
      EXPECT_FALSE(option.flags.empty() || option.help.empty()) << option.key;
    }
    EXPECT_EQ(&PageOptionOf(option.key), &option);
  }
}

TEST(PageOptions, RefusesWhatIsNoneOfItsTexts) {
  const std::string whole = EncodePageOptions({});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodePageOptions(whole.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodePageOptions(whole + "x=1\n").ok());
  EXPECT_FALSE(DecodePageOptions("dpi=300\n" + whole).ok());
}

TEST(PageOverride, ChangesWhatItNames) {
  const PageOptions job{.languages = {"eng", "deu"}, .dpi = 150};
  EXPECT_EQ(Overridden(job, {}), job);
  const PageOptions changed = Overridden(job, {{"rotate", "90"}, {"dpi", "600"}});
  EXPECT_EQ(changed, (PageOptions{.languages = {"eng", "deu"}, .rotate = 90, .dpi = 600}));
}

TEST(PageOverride, IsRefusedWhenSomethingIsOutOfRange) {
  EXPECT_TRUE(CheckPageOverride({}).ok());
  EXPECT_TRUE(
      CheckPageOverride({{"languages", "eng+script/Latin"}, {"rotate", "270"}, {"dpi", "600"}})
          .ok());
  for (const PageOverride& bad : {PageOverride{{"languages", "e n g"}},
                                  PageOverride{{"languages", ""}}, PageOverride{{"rotate", "45"}},
                                  PageOverride{{"rotate", "-90"}}, PageOverride{{"rotate", "360"}},
                                  PageOverride{{"dpi", "71"}}, PageOverride{{"dpi", "601"}}}) {
    const Status status = CheckPageOverride(bad);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument);
  }
}

TEST(Languages, SplitsAtPlusSigns) {
  EXPECT_THAT(*ParseLanguages("eng+deu"), ElementsAre("eng", "deu"));
  EXPECT_THAT(*ParseLanguages("script/Latin"), ElementsAre("script/Latin"));
  EXPECT_THAT(*ParseLanguages("chi_sim"), ElementsAre("chi_sim"));
  EXPECT_EQ(JoinLanguages({"eng", "deu"}), "eng+deu");
}

TEST(Languages, RefusesWhatIsNoListOfNames) {
  const std::string nine = "a+b+c+d+e+f+g+h+i";
  const std::string nul("en\0g", 4);
  for (const std::string& bad :
       {std::string(), std::string("+"), std::string("eng+"), std::string("eng,deu"),
        std::string("../../etc/passwd"), std::string("/eng"), std::string("eng/"),
        std::string("eng deu"), std::string("\xC3\xA4"), std::string(65, 'a'), nine, nul}) {
    const auto parsed = ParseLanguages(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.code(), ErrorCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace gnosis
