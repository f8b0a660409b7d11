// An Overlay is a map whose changes become true in three steps: a command's changes are
// kept or dropped with its savepoint, a batch's with its transaction. Until commit() the
// base is what the database holds, whatever happens in between.
//
// It belongs to one worker: no other thread may touch it. Pointers that find() and edit()
// give live until the next keep(), drop(), commit() or abandon().
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"

namespace systask::trading {

template <class Key, class Value, class Hash = std::hash<Key>>
class Overlay {
 public:
  using Base = std::unordered_map<Key, Value, Hash>;

  // The value as this command sees it; null where there is none.
  [[nodiscard]] const Value* find(const Key& key) const {
    if (!command_.empty())
      if (const auto it = command_.find(key); it != command_.end()) return present(it->second);
    if (!batch_.empty())
      if (const auto it = batch_.find(key); it != batch_.end()) return present(it->second);
    const auto it = base_.find(key);
    return it == base_.end() ? nullptr : &it->second;
  }

  // A value of this command's own, to change. The key must exist.
  Value& edit(const Key& key) {
    const auto it = command_.find(key);
    if (it != command_.end() && it->second) return *it->second;
    const Value* const seen = find(key);
    CHECK(seen != nullptr, "edit of a key that is not there");
    return *command_.insert_or_assign(key, *seen).first->second;
  }

  Value& put(const Key& key, Value value) {
    return *command_.insert_or_assign(key, std::move(value)).first->second;
  }

  void erase(const Key& key) { command_.insert_or_assign(key, std::nullopt); }

  void keep() {
    while (!command_.empty()) {
      auto node = command_.extract(command_.begin());
      if (const auto it = batch_.find(node.key()); it != batch_.end())
        it->second = std::move(node.mapped());
      else
        batch_.insert(std::move(node));
    }
  }
  void drop() { command_.clear(); }

  void commit() {
    for (auto& [key, value] : batch_) {
      if (value)
        base_.insert_or_assign(key, std::move(*value));
      else
        base_.erase(key);
    }
    batch_.clear();
  }
  void abandon() {
    command_.clear();
    batch_.clear();
  }

  // What is committed, for loops over everything; a loop that must also see this batch's
  // changes looks each key up with find(), and asks for_each_changed() for new ones.
  [[nodiscard]] const Base& committed() const { return base_; }

  template <class Function>
  void for_each_changed(Function&& function) const {
    for (const auto* layer : {&batch_, &command_})
      for (const auto& [key, value] : *layer)
        if (value) function(key, *value);
  }

  // Each key that is changed: what is committed of it, and what this command sees; null: nothing.
  template <class Function>
  void for_each_change(Function&& function) const {
    for (const auto* layer : {&command_, &batch_})
      for (const auto& [key, value] : *layer) {
        if (layer == &batch_ && command_.contains(key)) continue;
        const auto before = base_.find(key);
        function(before == base_.end() ? nullptr : &before->second, present(value));
      }
  }

  // Every key and value as this command sees them.
  template <class Function>
  void for_each(Function&& function) const {
    for (const auto& [key, value] : base_)
      if (!command_.contains(key) && !batch_.contains(key)) function(key, value);
    for (const auto& [key, value] : batch_)
      if (value && !command_.contains(key)) function(key, *value);
    for (const auto& [key, value] : command_)
      if (value) function(key, *value);
  }

  // Starts again with what the database holds.
  void load(Base base) {
    abandon();
    base_ = std::move(base);
  }

 private:
  using Layer = std::unordered_map<Key, std::optional<Value>, Hash>;

  static const Value* present(const std::optional<Value>& value) {
    return value ? &*value : nullptr;
  }

  Base base_;
  Layer batch_;
  Layer command_;
};

}  // namespace systask::trading
