// One test for each story beside this file.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/scenarios/teller.h"

namespace systask::scenarios {
namespace {

std::vector<std::filesystem::path> stories() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator{SYSTASK_STORIES})
    if (entry.path().extension() == ".scn") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

class Scenario : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Scenario, IsAsTold) {
  try {
    const Story story = read_story(GetParam());
    EXPECT_EQ(story.title.substr(0, story.title.find(':')),
              GetParam().stem().string().substr(0, story.title.find(':')))
        << "the title begins with another name than the file";
    Teller{}.tell(story);
  } catch (const StoryError& error) {
    FAIL() << error.what();
  }
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& story) {
  return story.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, ::testing::ValuesIn(stories()), name_of);

void expect_error(const std::string& text, const std::string& expected) {
  try {
    Teller{}.tell(parse_story("t.scn", text));
    ADD_FAILURE() << "no error: " << text;
  } catch (const StoryError& error) {
    EXPECT_NE(std::string{error.what()}.find(expected), std::string::npos) << error.what();
  }
}

// A story that is wrong must not pass: each error names file and line.
TEST(Story, ErrorsNameFileAndLine) {
  expect_error("site A login", "t.scn:1: no title");
  expect_error("# a: b\n", "t.scn:1: no steps");
  expect_error("# a: b\ndance", "t.scn:2: no step begins with 'dance'");
  expect_error("# a: b\nsite A login =>", "t.scn:2: nothing follows '=>'");
  expect_error("# a: b\nsite B dies", "t.scn:2: site B has never logged in");
  expect_error("# a: b\n\nin 402206 no=E1 deal=D amount=1 => applied",
               "t.scn:3: expected applied, got parked");
  expect_error("# a: b\nsite A login; plan 1 running on A\nplan 1 is paused",
               "t.scn:3: plan 1 is running");
  expect_error("# a: b\nsite A login\nout A 402206", "t.scn:3: nothing more was pushed");
  expect_error("# a: b\n+5years", "t.scn:2: '5years' is no duration");
  expect_error("# a: b\ntick => offered=1", "t.scn:2: expected offered=1, got 0");
}

}  // namespace
}  // namespace systask::scenarios
