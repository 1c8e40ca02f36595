#include "planner/cli/table.h"

#include <algorithm>
#include <cstddef>

namespace galvatron {
namespace {

// Characters of UTF-8: all bytes that do not continue one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string line_of(const std::vector<Column>& columns, const Row& row,
                    const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) line += "  ";
    const std::string padding(widths[i] - width_of(row[i]), ' ');
    line += columns[i].align == Align::left ? row[i] + padding : padding + row[i];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string table_text(const std::vector<Column>& columns, const std::vector<Row>& rows) {
  Row titles;
  std::vector<std::size_t> widths;
  for (const Column& column : columns) {
    titles.push_back(column.title);
    widths.push_back(width_of(column.title));
  }
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text = line_of(columns, titles, widths);
  for (const Row& row : rows) text += line_of(columns, row, widths);
  return text;
}

}  // namespace galvatron
