#include "planner/import/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "planner/files/quantity.h"
#include "planner/files/read_bytes.h"
#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

[[noreturn]] void refuse(const Source& source, std::size_t offset, std::string message) {
  throw SpecError(diagnose(source, offset, {"not_a_topology", std::move(message)}));
}

// nvidia-smi underlines its heading, even into a file: ESC [ 4 m.
std::string without_escapes(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      plain += text[i];
      continue;
    }
    while (i < text.size() && text[i] != 'm' && text[i] != '\n') ++i;
  }
  return plain;
}

struct Cell {
  std::size_t offset = 0;
  std::string_view text;
};

// Cells stand between tabs, padded with spaces.
std::vector<Cell> cells_of(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<Cell> cells;
  while (begin < end) {
    const std::size_t tab = std::min(text.find('\t', begin), end);
    std::size_t first = begin;
    std::size_t last = tab;
    while (first < last && (text[first] == ' ' || text[first] == '\r')) ++first;
    while (last > first && (text[last - 1] == ' ' || text[last - 1] == '\r')) --last;
    if (last > first) cells.push_back({first, text.substr(first, last - first)});
    begin = tab + 1;
  }
  return cells;
}

bool is_device(std::string_view name) { return name.starts_with("GPU") && name.size() < 8; }

bool is_path(std::string_view text) {
  constexpr std::string_view kWords[] = {"X", "PIX", "PXB", "PHB", "NODE", "SYS"};
  if (std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords)) return true;
  return text.starts_with("NV") && parse_integer(text.substr(2)).has_value();
}

void add_row(Topology& topology, const Source& source, const std::vector<Cell>& cells) {
  const std::size_t count = topology.devices.size();
  if (cells.size() <= count) {
    refuse(source, cells.front().offset,
           fmt::format("the row of {} must have a path to each of the {} devices, found {}",
                       cells.front().text, count, cells.size() - 1));
  }
  std::vector<std::string> row;
  for (std::size_t i = 1; i <= count; ++i) {
    if (!is_path(cells[i].text)) {
      refuse(source, cells[i].offset,
             fmt::format("a path must be X, NV with a number, PIX, PXB, PHB, NODE or SYS, found {}",
                         cells[i].text));
    }
    row.emplace_back(cells[i].text);
  }
  topology.paths.push_back(std::move(row));
}

}  // namespace

Topology read_topology(const Source& source) {
  Topology topology;
  const std::string_view text = source.text;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::vector<Cell> cells = cells_of(text, begin, end);
    begin = end + 1;
    if (cells.empty()) continue;
    const std::string_view first = cells.front().text;
    if (first.starts_with("Legend")) break;
    if (topology.devices.empty()) {
      for (const Cell& cell : cells) {
        if (is_device(cell.text)) topology.devices.emplace_back(cell.text);
      }
    } else if (is_device(first)) {
      add_row(topology, source, cells);
    } else if (first.starts_with("NIC") || first.starts_with("mlx")) {
      ++topology.networks;
    }
  }
  if (topology.devices.empty()) {
    refuse(source, 0, "must hold the matrix of nvidia-smi topo -m, found no GPU0");
  }
  if (topology.paths.size() != topology.devices.size()) {
    refuse(source, 0,
           fmt::format("must have a row for each of the {} devices, found {}",
                       topology.devices.size(), topology.paths.size()));
  }
  return topology;
}

Topology read_topology(const std::string& path) {
  return read_topology(make_source(path, without_escapes(read_bytes(path, kRequestLimit))));
}

int links_of_ring(const Topology& topology) {
  const std::size_t count = topology.devices.size();
  int fewest = count > 1 ? 1 << 20 : 0;
  for (std::size_t i = 0; i < count && count > 1; ++i) {
    const std::string& path = topology.paths[i][(i + 1) % count];
    const auto links = path.starts_with("NV") ? parse_integer(path.substr(2)) : 0;
    fewest = std::min(fewest, static_cast<int>(links.value_or(0)));
  }
  return fewest;
}

}  // namespace galvatron
