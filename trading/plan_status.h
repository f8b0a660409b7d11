// The status of a plan: its characters in the database, and every legal move between
// them, checked here at compile time and again by the database's CHECK constraint.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace systask::trading {

enum class PlanStatus : char {
  kToBeSubmitted = '0',
  kSubmitting = '1',
  kRunning = '2',
  kToBePaused = '3',
  kPausing = '4',
  kPaused = '5',
  kToBeResumed = '6',
  kResuming = '7',
  kToBeCancelled = '8',
  kCancelling = '9',
  kCancelled = 'a',
  kCompleted = 'b',
  kFailed = 'c',
  kExpired = 'd',
  kExpiredForDay = 'e',
  kPausedOrdersCancelled = 'f',
  kExpiring = 'g',
  kAbnormal = 'h',
};

inline constexpr std::string_view kPlanStatusChars = "0123456789abcdefgh";

struct PlanMove {
  PlanStatus from;
  PlanStatus to;
};

// Moves of a plan that runs. Abnormal is apart: a plan that a site holds may become
// abnormal, and comes back as what it was, advanced by what was replayed.
inline constexpr std::array kPlanMoves{
    PlanMove{PlanStatus::kToBeSubmitted, PlanStatus::kSubmitting},  // a site was chosen
    PlanMove{PlanStatus::kToBeSubmitted, PlanStatus::kCancelled},   // no site had it yet
    PlanMove{PlanStatus::kToBeSubmitted, PlanStatus::kExpired},
    PlanMove{PlanStatus::kToBeSubmitted, PlanStatus::kExpiredForDay},
    PlanMove{PlanStatus::kSubmitting, PlanStatus::kRunning},
    PlanMove{PlanStatus::kSubmitting, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kSubmitting, PlanStatus::kExpiring},
    PlanMove{PlanStatus::kSubmitting, PlanStatus::kFailed},
    PlanMove{PlanStatus::kSubmitting, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kRunning, PlanStatus::kToBePaused},
    PlanMove{PlanStatus::kRunning, PlanStatus::kPausing},
    PlanMove{PlanStatus::kRunning, PlanStatus::kToBeCancelled},
    PlanMove{PlanStatus::kRunning, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kRunning, PlanStatus::kExpiring},
    PlanMove{PlanStatus::kRunning, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kRunning, PlanStatus::kFailed},
    PlanMove{PlanStatus::kToBePaused, PlanStatus::kPausing},
    PlanMove{PlanStatus::kPausing, PlanStatus::kPaused},
    PlanMove{PlanStatus::kPausing, PlanStatus::kPausedOrdersCancelled},
    PlanMove{PlanStatus::kPausing, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kPausing, PlanStatus::kExpiring},
    PlanMove{PlanStatus::kPausing, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kPausing, PlanStatus::kFailed},
    PlanMove{PlanStatus::kPaused, PlanStatus::kToBeResumed},
    PlanMove{PlanStatus::kPaused, PlanStatus::kResuming},
    PlanMove{PlanStatus::kPaused, PlanStatus::kToBeCancelled},
    PlanMove{PlanStatus::kPaused, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kPaused, PlanStatus::kExpiring},
    PlanMove{PlanStatus::kPaused, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kPaused, PlanStatus::kFailed},
    PlanMove{PlanStatus::kPausedOrdersCancelled, PlanStatus::kResuming},
    PlanMove{PlanStatus::kPausedOrdersCancelled, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kPausedOrdersCancelled, PlanStatus::kExpiring},
    PlanMove{PlanStatus::kPausedOrdersCancelled, PlanStatus::kFailed},
    PlanMove{PlanStatus::kToBeResumed, PlanStatus::kResuming},
    PlanMove{PlanStatus::kResuming, PlanStatus::kRunning},
    PlanMove{PlanStatus::kResuming, PlanStatus::kPausing},
    PlanMove{PlanStatus::kResuming, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kResuming, PlanStatus::kExpiring},
    PlanMove{PlanStatus::kResuming, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kResuming, PlanStatus::kFailed},
    PlanMove{PlanStatus::kToBeCancelled, PlanStatus::kCancelling},
    PlanMove{PlanStatus::kCancelling, PlanStatus::kCancelled},
    PlanMove{PlanStatus::kCancelling, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kCancelling, PlanStatus::kFailed},
    PlanMove{PlanStatus::kExpiring, PlanStatus::kExpired},
    PlanMove{PlanStatus::kExpiring, PlanStatus::kExpiredForDay},
    PlanMove{PlanStatus::kExpiring, PlanStatus::kCompleted},
    PlanMove{PlanStatus::kExpiring, PlanStatus::kFailed},
    PlanMove{PlanStatus::kExpiredForDay, PlanStatus::kToBeSubmitted},  // reopened next day
};

constexpr bool ended(PlanStatus status) {
  return status == PlanStatus::kCancelled || status == PlanStatus::kCompleted ||
         status == PlanStatus::kFailed || status == PlanStatus::kExpired ||
         status == PlanStatus::kExpiredForDay;
}

// A site has it and must keep it, or somebody else must take it over.
constexpr bool held_by_site(PlanStatus status) {
  return !ended(status) && status != PlanStatus::kToBeSubmitted && status != PlanStatus::kAbnormal;
}

constexpr bool allowed(PlanStatus from, PlanStatus to) {
  if (to == PlanStatus::kAbnormal) return held_by_site(from);
  if (from == PlanStatus::kAbnormal) return to != PlanStatus::kToBeSubmitted;
  return std::ranges::any_of(
      kPlanMoves, [from, to](const PlanMove& move) { return move.from == from && move.to == to; });
}

// The site was asked to do something and has not answered: a new site is asked again.
constexpr bool awaits_site(PlanStatus status) {
  return status == PlanStatus::kSubmitting || status == PlanStatus::kPausing ||
         status == PlanStatus::kResuming || status == PlanStatus::kCancelling ||
         status == PlanStatus::kExpiring;
}

constexpr std::optional<PlanStatus> plan_status(char c) {
  if (kPlanStatusChars.find(c) == std::string_view::npos) return std::nullopt;
  return static_cast<PlanStatus>(c);
}

// "running", for people; the database and the wire carry the character.
std::string_view name_of(PlanStatus status);

static_assert(!allowed(PlanStatus::kCompleted, PlanStatus::kRunning));
static_assert(!allowed(PlanStatus::kCompleted, PlanStatus::kAbnormal));
static_assert(allowed(PlanStatus::kRunning, PlanStatus::kAbnormal));
static_assert(allowed(PlanStatus::kAbnormal, PlanStatus::kCompleted));
static_assert(std::ranges::none_of(kPlanMoves, [](const PlanMove& move) {
  return move.from == move.to || (ended(move.from) && move.from != PlanStatus::kExpiredForDay);
}));

}  // namespace systask::trading
