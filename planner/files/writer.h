// Writes YAML that our reader reads back: block style, lists of scalars in brackets, keys in the
// order of the calls. The same calls give the same bytes.
//
//   YamlWriter out;
//   out.field("version", 1);
//   out.map("job", [&] { out.field("precision", "bf16"); });
//   out.list("stages", [&] { out.item([&] { out.flow("layers", {0, 11}); }); });
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace galvatron {

class YamlWriter {
 public:
  using Body = std::function<void()>;

  template <typename T>
  void field(std::string_view key, const T& value) {
    write_field(key, scalar(value));
  }

  // key: [1, 2, 3]
  template <typename T>
  void flow(std::string_view key, const std::vector<T>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const T& value : values) texts.push_back(scalar(value));
    write_flow(key, texts);
  }

  void map(std::string_view key, const Body& body);
  void list(std::string_view key, const Body& body);
  void item(const Body& body);  // one map of a list
  void comment(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  // Numbers as they read back exactly; words in quotes where YAML would see something else.
  template <typename T>
  static std::string scalar(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
      return std::to_string(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return number(value);
    } else {
      return word(value);
    }
  }
  static std::string number(double value);
  static std::string word(std::string_view text);

  void write_field(std::string_view key, const std::string& value);
  void write_flow(std::string_view key, const std::vector<std::string>& values);
  void nested(std::string_view key, std::string_view if_empty, const Body& body);
  void begin_line();

  std::string text_;
  int depth_ = 0;
  bool item_starts_ = false;  // the next line carries the dash of its list item
};

}  // namespace galvatron
