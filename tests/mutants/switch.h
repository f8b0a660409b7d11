#pragma once

#include <cstdlib>

// What mutants.py writes into its copy of the sources asks here whether it is switched on.
//
// SYSTASK_MUTANT holds the number of one mutant, or is not set. It is read once, at the first
// question; after that a question costs one comparison, and any thread may ask it.
namespace systask_mutants {

inline unsigned long chosen() {
  static const unsigned long number = [] {
    const char* text = std::getenv("SYSTASK_MUTANT");
    return text == nullptr ? 0UL : std::strtoul(text, nullptr, 10);
  }();
  return number;
}

// A constant expression never contains a mutant: what is computed at compile time stays right.
constexpr bool on(unsigned long number) {
  return __builtin_is_constant_evaluated() ? false : chosen() == number;
}

}  // namespace systask_mutants
