// What is wrong with a configuration file, said so that it can be mended: place, key, what
// was found and what was expected. Plain values, of use to one thread at a time.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace systask::service {

// Counted from 1; line 0 is the file as a whole.
struct Place {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// What must be mended before anything starts; or, as a warning, what is allowed but probably not
// meant: then `says` is what was found, what it means, and what to do (see Complaints::warn).
struct Mistake {
  Place place;
  std::string key;   // "tasks.recover-plans.every"
  std::string says;  // "found '1x', expected ..."
  std::string file;  // where it is in another file, which the first one names; else empty

  friend bool operator==(const Mistake&, const Mistake&) = default;
  friend auto operator<=>(const Mistake& a, const Mistake& b) {
    return std::tie(a.file, a.place, a.key, a.says) <=> std::tie(b.file, b.place, b.key, b.says);
  }
};

// Every mistake of one file, in order of place.
struct Mistakes {
  std::string file;
  std::vector<Mistake> all;
};

// "tasks.yaml:12:5: tasks.recover-plans.every: found '1x', expected ...", without the end
// of line.
[[nodiscard]] std::string to_text(const std::string& file, const Mistake& mistake);
// One line each.
[[nodiscard]] std::string to_text(const Mistakes& mistakes);

// Complaints collects mistakes, or warnings, while a file is read, so that all are answered at
// once.
class Complaints {
 public:
  void add(Place place, std::string key, std::string_view found, std::string_view expected);
  // Of a warning: "found '1-5': it means SUN-THU; write MON-FRI, or SUN-THU".
  void warn(Place place, std::string key, std::string_view found, std::string_view meaning,
            std::string_view advice);
  // Where "found ..., expected ..." is not how it is said best.
  void say(Place place, std::string key, std::string says);
  // The mistakes of another file, which this one names.
  void add_from(const std::string& file, std::vector<Mistake> mistakes);
  [[nodiscard]] bool none() const { return all_.empty(); }
  // In order of place, each once.
  [[nodiscard]] std::vector<Mistake> take();

 private:
  std::vector<Mistake> all_;
};

// Which of the names was probably meant by `text`; empty where none is near.
[[nodiscard]] std::string_view nearest(std::string_view text,
                                       const std::vector<std::string_view>& names);

}  // namespace systask::service
