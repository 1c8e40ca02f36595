// Text in columns.
#pragma once

#include <string>
#include <vector>

namespace galvatron {

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
};

using Row = std::vector<std::string>;

// One line per row under a line of titles, columns two spaces apart, no trailing spaces. Widths
// count UTF-8 characters. Every row has one cell per column.
std::string table_text(const std::vector<Column>& columns, const std::vector<Row>& rows);

}  // namespace galvatron
