// What the readers of `run:` share: texts with placeholders, each complained about where it
// stands, and paths from the directory of the configuration. Lives while a task is read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/config/fields.h"
#include "service/config/sections.h"
#include "tasks/kinds/kinds.h"

namespace systask::service {

// What one run may have in its texts, and where they come from.
class RunFields {
 public:
  RunFields(const tasks::Values& sample, std::string_view directory, TaskComplaints complaints)
      : sample_(sample), directory_(directory), complaints_(complaints) {}

  // Nothing, and a complaint, where the value is no text or has an unknown placeholder.
  std::optional<tasks::Template> text(YamlNode value, const std::string& path,
                                      std::string_view expected);
  // Of a key; leaves `into` as it was where it is absent or wrong.
  void text(Fields& fields, std::string_view key, std::string_view expected, tasks::Template& into);
  // A map of texts.
  void texts(Fields& fields, std::string_view key, std::string_view expected,
             std::map<std::string, tasks::Template>& into);

  // What comes of it in some run.
  [[nodiscard]] std::string sample_of(const tasks::Template& text) const {
    return text.fill(sample_);
  }
  [[nodiscard]] tasks::Template absolute(const tasks::Template& path) const;
  [[nodiscard]] std::string absolute(const std::string& path) const;

  [[nodiscard]] Complaints& mistakes() const { return complaints_.mistakes; }
  [[nodiscard]] Complaints& warnings() const { return complaints_.warnings; }

 private:
  const tasks::Values& sample_;
  std::string_view directory_;
  TaskComplaints complaints_;
};

// Warns where no program of that path, or of that name in PATH, may be run on this machine.
void warn_of_program(Place place, const std::string& path, const std::string& program,
                     Complaints& warnings);

// The kinds, each from the value of its key in `run`.
void read_exec(YamlNode value, const std::string& path, RunFields run, tasks::Exec& into);
void read_sql(YamlNode value, const std::string& path, RunFields run, tasks::Sql& into);
void read_http(YamlNode value, const std::string& path, RunFields run, tasks::Http& into);
void read_publish(YamlNode value, const std::string& path, RunFields run, tasks::Publish& into);

}  // namespace systask::service
