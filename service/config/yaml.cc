#include "service/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

namespace systask::service {

// Writes the parser's events down as records.
class YamlDocument::Builder final : public YAML::EventHandler {
 public:
  explicit Builder(YamlDocument& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    leaf(mark, YamlNode::Kind::kNull, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    leaf(mark, YamlNode::Kind::kAlias, {});
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    leaf(mark, YamlNode::Kind::kScalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { close(true); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { close(true); }

  // The text broke off: what is open stays so.
  void break_off() {
    while (!open_.empty())
      close(false);
  }

 private:
  std::uint32_t add(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& value) {
    const auto index = static_cast<std::uint32_t>(document_.records_.size());
    document_.records_.push_back({mark.line + 1, mark.column + 1,
                                  static_cast<std::uint32_t>(document_.text_.size()),
                                  static_cast<std::uint32_t>(value.size()), index + 1, kind, true});
    document_.text_ += value;
    return index;
  }
  void leaf(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& value) {
    add(mark, kind, value);
  }
  void open(const YAML::Mark& mark, YamlNode::Kind kind) { open_.push_back(add(mark, kind, {})); }
  void close(bool complete) {
    Record& record = document_.records_[open_.back()];
    record.next = static_cast<std::uint32_t>(document_.records_.size());
    record.complete = complete;
    open_.pop_back();
  }

  YamlDocument& document_;
  std::vector<std::uint32_t> open_;
};

YamlDocument YamlDocument::parse(const std::string& text) {
  YamlDocument document;
  Builder builder{document};
  try {
    std::istringstream in{text};
    YAML::Parser parser{in};
    parser.HandleNextDocument(builder);
    const std::size_t first = document.records_.size();
    if (parser.HandleNextDocument(builder) && document.records_.size() > first) {
      const Record& second = document.records_[first];
      document.error_ = {{second.line, second.column},
                         "a second document begins here: keep all in one, without '---'"};
      document.records_.resize(first);
    }
  } catch (const YAML::Exception& error) {
    document.error_ = {{error.mark.line + 1, error.mark.column + 1}, error.msg};
    builder.break_off();
  }
  return document;
}

std::optional<YamlNode> YamlDocument::root() const {
  if (records_.empty()) return std::nullopt;
  return YamlNode{*this, 0};
}

YamlNode::Kind YamlNode::kind() const { return document_->records_[index_].kind; }

std::string_view YamlNode::text() const {
  const auto& record = document_->records_[index_];
  return std::string_view{document_->text_}.substr(record.text_begin, record.text_size);
}

Place YamlNode::place() const {
  const auto& record = document_->records_[index_];
  return {record.line, record.column};
}

bool YamlNode::complete() const { return document_->records_[index_].complete; }

std::vector<YamlNode> YamlNode::children() const {
  std::vector<YamlNode> found;
  const auto& records = document_->records_;
  if (kind() != Kind::kMap && kind() != Kind::kList) return found;
  for (std::uint32_t at = index_ + 1; at < records[index_].next; at = records[at].next)
    found.emplace_back(*document_, at);
  return found;
}

std::string_view YamlNode::described() const {
  switch (kind()) {
    case Kind::kNull: return "nothing";
    case Kind::kMap: return "a map";
    case Kind::kList: return "a list";
    case Kind::kAlias: return "an alias (*name)";
    case Kind::kScalar: break;
  }
  return text();
}

}  // namespace systask::service
