#include "base/result.h"

#include <gtest/gtest.h>

namespace systask {
namespace {

Result<std::string> greeting(bool known) {
  if (!known) return Refusal{"UNKNOWN_NAME", "nobody has that name: give another"};
  std::string text = "good morning";
  return text;
}

TEST(Result, HoldsAPlainStringOrARefusal) {
  EXPECT_EQ(greeting(true).value(), "good morning");
  EXPECT_EQ(greeting(false).error(),
            (Refusal{"UNKNOWN_NAME", "nobody has that name: give another", ""}));
  EXPECT_NE(greeting(false).error(),
            (Refusal{"UNKNOWN_NAME", "nobody has that name: give another", "\"tried\":1"}));
}

TEST(Result, ThrowsTheRefusalWhereAValueIsTaken) {
  try {
    (void)greeting(false).value();
    FAIL() << "a refused result had a value";
  } catch (const RefusedError& error) {
    EXPECT_STREQ(error.what(), "UNKNOWN_NAME: nobody has that name: give another");
  }
}

}  // namespace
}  // namespace systask
