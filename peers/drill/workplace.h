// A Workplace is the drill's temporary directory, mode 0700, with everything a fresh
// platform needs: secrets, tasks.yaml, a free port. Its destructor removes it, unless it
// was told to keep it. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systask::peers::drill {

// A port of 127.0.0.1 that nobody else gets while this lives, also between two processes of
// the service that listen there.
class KeptPort {
 public:
  KeptPort();
  ~KeptPort();
  KeptPort(const KeptPort&) = delete;
  KeptPort& operator=(const KeptPort&) = delete;

  [[nodiscard]] std::uint16_t number() const { return number_; }

 private:
  int file_;
  std::uint16_t number_ = 0;
};

class Workplace {
 public:
  // Throws std::system_error where the directory cannot be made or written.
  explicit Workplace(const std::vector<std::string>& sites);
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  void keep() { keep_ = true; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string port() const { return std::to_string(port_.number()); }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + port(); }

 private:
  void write(const std::string& name, const std::string& text) const;

  std::string directory_;
  KeptPort port_;
  bool keep_ = false;
};

}  // namespace systask::peers::drill
