// How messages are found in logs, and what of them is broken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <stdexcept>

#include "peers/flow/fix/cutter.h"
#include "peers/flow/fix/fields.h"
#include "tests/unit/peers/fix_log.h"

namespace systask::peers::flow::fix {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string escaped(const std::string& message, const std::string& soh) {
  std::string text;
  for (const char c : message)
    text += c == '\x01' ? soh : std::string(1, c);
  return text;
}

TEST(FixLog, ReadsEverySeparatorVersionAndPrefix) {
  for (const char* version : {"FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"}) {
    const std::string soh = message(buy("1"), version);
    const std::string pipe = piped(buy("2"), version);
    const std::string caret = escaped(message(buy("3"), version), "^A");
    const Import import{"20260522-01:30:00.000 : " + soh + "\r\n" + "<out> " + pipe + "\r\n\r\n" +
                        caret + " trailing words\n" + message(buy("4"), version) +
                        message(buy("5"), version)};
    EXPECT_EQ(import.all.size(), 5U) << version << import.account;
    EXPECT_EQ(import.tally.of(Section::kOrders, "NewOrderSingle (D)"), 5) << version;
    EXPECT_EQ(import.tally.total(Section::kBroken), 0) << import.account;
    EXPECT_EQ(import.tally.total(Section::kNoted), 5) << "all are open: " << import.account;
  }
}

TEST(FixLog, ReadsSohAsOthersEscapeIt) {
  for (const std::string soh : {R"(\u0001)", R"(\\u0001)", R"(\x01)", R"(\\x01)", R"(\001)",
                                R"(\\001)", "#001", "%01", "&#1;", "<SOH>", "\u2401"}) {
    const Import import{R"({"log":")" + escaped(message(buy("1")), soh) +
                        escaped(message(buy("2")), soh) + "\"}\n" +
                        escaped(message(buy("3")), soh)};
    EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402213 #2 100", "402213 #3 100"))
        << soh << import.account;
    EXPECT_EQ(import.tally.total(Section::kNoted), 3) << "all are open: " << import.account;
  }
}

TEST(FixLog, CountsWhatIsBrokenWithItsFirstLineAndGoesOn) {
  std::string wrong_sum = message(buy("1"));
  wrong_sum.replace(wrong_sum.find("600570"), 6, "600571");
  std::string wrong_length = message(buy("2"));
  wrong_length.insert(wrong_length.find("55="), "1=x\x01");
  std::string cut = message(buy("3"));
  cut.resize(cut.find("40=2"));
  const Import import{"started\n" + wrong_sum + "\n" + wrong_length + "\n" + cut +
                      "\n8=FIX.4.4\x01"
                      "35=D\x01"
                      "10=000\x01\n" +
                      message("49=C|35=D|55=X") + "\n" + message(buy("4")) + "\nstopped\n"};
  EXPECT_EQ(import.all.size(), 1U) << import.account;
  const std::string hint = " (of a log that was edited: read it with --separator SOH)";
  EXPECT_EQ(import.tally.of(Section::kBroken, "CheckSum (10) does not match" + hint), 1);
  EXPECT_EQ(import.tally.of(Section::kBroken, "BodyLength (9) does not match" + hint), 1);
  EXPECT_EQ(import.tally.of(Section::kBroken, "cut off before CheckSum (10)"), 1);
  EXPECT_EQ(import.tally.of(Section::kBroken, "no BodyLength (9) behind BeginString (8)"), 1);
  EXPECT_EQ(import.tally.of(Section::kBroken, "MsgType (35) is not the third field"), 1);
  EXPECT_EQ(import.tally.of(Section::kAround, "lines without a message"), 2);
  EXPECT_THAT(import.account,
              HasSubstr("1  CheckSum (10) does not match" + hint + ", first on line 2"));
  EXPECT_THAT(import.account, HasSubstr("2  lines without a message, first on line 1"));
}

TEST(FixLog, AcceptsAndSaysSumsThatDoNotMatchWhereTheSeparatorWasReplaced) {
  std::string edited = piped(buy("1"));
  edited.replace(edited.find("600570"), 6, "SH600570");
  const Import import{edited};
  ASSERT_EQ(import.all.size(), 1U) << import.account;
  EXPECT_EQ(import.all[0].report.order.security, "SH600570");
  EXPECT_THAT(import.account, HasSubstr("computed anew (SOH was replaced), first on line 1"));
}

TEST(FixLog, TakesAMessageWithoutSumsWhereItsEndIsKnownAllTheSame) {
  const std::string whole = piped(buy("1"));
  std::string no_length = whole;
  no_length.erase(no_length.find("9="), no_length.find("35=") - no_length.find("9="));
  const std::string no_sum = whole.substr(0, whole.find("10="));
  const std::string neither = no_length.substr(0, no_length.find("10="));
  const auto cut = no_sum.substr(0, no_sum.find("40=2"));
  const auto imported = [](const std::string& line) { return Import{line + "\n"}.all.size(); };
  EXPECT_EQ(imported(no_length), 1U);
  EXPECT_EQ(imported(no_sum), 1U);
  EXPECT_EQ(imported(no_sum.substr(0, no_sum.size() - 1) + " \r"), 1U);
  const Import broken{cut + "\n" + neither + "\n"};
  EXPECT_EQ(broken.all.size(), 0U);
  EXPECT_EQ(broken.tally.of(Section::kBroken, "cut off before CheckSum (10)"), 2);
}

TEST(FixLog, TakesASeparatorWithinATextForTheText) {
  const Import import{piped(buy("1")) + "\n" +
                      piped(tell("8", "11=1|37=o|150=8|39=8|58=too dear|too late"))};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402207 #1 too dear|too late"));
}

TEST(FixLog, LeavesOutRawDataWhateverBytesItHas) {
  const std::string raw =
      "35=D|49=C|56=B|52=20260522-01:30:00|95=9|96=a\n8=FIX\x01"
      "b|11=1|55=X"
      "|54=2|38=5|44=1";
  const Import import{message(raw) + "\n" + message(buy("2"))};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 5", "402213 #2 100")) << import.account;
}

TEST(FixLog, ReadsAGzippedLogAndOneLineOfAnyLength) {
  const ScratchFolder folder;
  const std::string path = folder.file("session.log.gz");
  gzFile file = ::gzopen(path.c_str(), "wb");
  for (int i = 0; i < 2000; ++i)  // far more than one piece of the file
    ::gzputs(file, message(buy(std::to_string(i))).c_str());
  ::gzclose(file);
  EXPECT_EQ(survey({.path = path, .format = Format::kFix}).reports, 2000);
  EXPECT_EQ(survey({.path = path}).first_security, "600570");
}

TEST(FixLog, SaysWhatAFileIsInsteadOfTheFormatGiven) {
  const ScratchFolder folder;
  const std::string csv = folder.file("lives.csv");
  std::ofstream{csv} << "t_us,order,event,side,price,qty\n0,1,A,B,10.00,5\n";
  const std::string fix = folder.file("session.log");
  std::ofstream{fix} << "header\n" << message(buy("1"));
  const std::string other = folder.file("notes.txt");
  std::ofstream{other} << "dear diary\n";
  EXPECT_EQ(survey({.path = csv}).reports, 2);
  EXPECT_EQ(survey({.path = fix}).reports, 1);
  const auto why = [](const std::string& path, std::optional<Format> format) -> std::string {
    try {
      static_cast<void>(survey({.path = path, .format = format}));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it was taken";
  };
  EXPECT_THAT(why(csv, Format::kFix), HasSubstr("that is a recording for --format csv"));
  EXPECT_THAT(why(fix, Format::kCsv), HasSubstr("read with --format fix"));
  EXPECT_THAT(why(other, {}), HasSubstr("it begins \"dear diary\"; expected a CSV file"));
  EXPECT_THAT(why(other, Format::kFix), HasSubstr("its first line is \"dear diary\""));
  std::ofstream{other} << "\xFF\xFE" << '8' << '\0' << '=' << '\0';
  EXPECT_THAT(why(other, Format::kFix), HasSubstr("is UTF-16; iconv -f UTF-16 -t UTF-8 " + other));
}

TEST(FixLog, WaitsForTheRestOfAMessageThatIsNotAllThere) {
  const std::string whole = message(buy("1"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(cut_message(whole.substr(0, length), false).state, Cut::State::kMore) << length;
  const Cut cut = cut_message(whole + "\nnext", false);
  EXPECT_EQ(cut.state, Cut::State::kMessage);
  EXPECT_EQ(cut.length, whole.size());
  EXPECT_EQ(find_message("58=FIX 8=FIX", 0), 7U);
}

TEST(FixFields, ReadsNumbersAndTimesAsFixWritesThem) {
  EXPECT_EQ(parse_quantity("100.00"), 100);
  EXPECT_EQ(parse_quantity("0.5"), std::nullopt);
  EXPECT_EQ(parse_quantity("-1"), std::nullopt);
  EXPECT_EQ(parse_price(".5"), 50'000'000);
  EXPECT_EQ(parse_price("12."), 1'200'000'000);
  EXPECT_EQ(parse_price("-37.6300000000"), -3'763'000'000);
  EXPECT_EQ(parse_price("1.123456789"), std::nullopt);
  EXPECT_EQ(parse_average("10.333333333"), 1'033'333'333);
  EXPECT_EQ(parse_utc("19700101-00:00:01.5"), 1'500'000);
  EXPECT_EQ(parse_utc("20260230-00:00:00"), std::nullopt);
  EXPECT_EQ(to_utf8("\xE9t\xE9", 10), "\u00e9t\u00e9");
  EXPECT_EQ(to_utf8("\u00e9t\u00e9", 4), "\u00e9t");
}

}  // namespace
}  // namespace systask::peers::flow::fix
