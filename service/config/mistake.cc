#include "service/config/mistake.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace systask::service {
namespace {

constexpr std::size_t kFoundShown = 500;

// Letters to insert, remove, replace, or swap with their neighbours to make one text of the
// other: the Damerau-Levenshtein distance in which no letter is changed twice.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);  // of the first i letters of a
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> last_but_one(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    last_but_one.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], last_but_one[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string to_text(const std::string& of_file, const Mistake& mistake) {
  const std::string& file = mistake.file.empty() ? of_file : mistake.file;
  const std::string what = mistake.key.empty() ? mistake.says : mistake.key + ": " + mistake.says;
  if (mistake.place.line == 0) return fmt::format("{}: {}", file, what);
  return fmt::format("{}:{}:{}: {}", file, mistake.place.line, mistake.place.column, what);
}

std::string to_text(const Mistakes& mistakes) {
  std::string text;
  for (const Mistake& mistake : mistakes.all)
    text += to_text(mistakes.file, mistake) + "\n";
  return text;
}

void Complaints::add(Place place, std::string key, std::string_view found,
                     std::string_view expected) {
  say(place, std::move(key),
      fmt::format("found '{}', expected {}", one_line(found, kFoundShown), expected));
}

void Complaints::warn(Place place, std::string key, std::string_view found,
                      std::string_view meaning, std::string_view advice) {
  say(place, std::move(key),
      fmt::format("found '{}': {}; {}", one_line(found, kFoundShown), meaning, advice));
}

void Complaints::say(Place place, std::string key, std::string says) {
  all_.push_back({place, std::move(key), std::move(says)});
}

void Complaints::add_from(const std::string& file, std::vector<Mistake> mistakes) {
  for (Mistake& mistake : mistakes) {
    if (mistake.file.empty()) mistake.file = file;
    all_.push_back(std::move(mistake));
  }
}

std::vector<Mistake> Complaints::take() {
  std::ranges::sort(all_);
  const auto repeated = std::ranges::unique(all_);
  all_.erase(repeated.begin(), repeated.end());
  return std::move(all_);
}

std::string_view nearest(std::string_view text, const std::vector<std::string_view>& names) {
  std::string_view best;
  // A third of the letters wrong is a slip; more is another word.
  std::size_t least = std::max<std::size_t>(text.size() / 3, 1) + 1;
  for (const std::string_view name : names) {
    const std::size_t far = distance(text, name);
    if (far < least) {
      least = far;
      best = name;
    }
  }
  return best;
}

}  // namespace systask::service
