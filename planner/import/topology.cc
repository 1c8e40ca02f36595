#include "planner/import/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
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

// Names and paths hold no spaces, so that a matrix whose tabs have become spaces reads the same.
std::vector<Cell> cells_of(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view kSpaces = " \t\r";
  std::vector<Cell> cells;
  const std::string_view line = text.substr(0, end);
  for (begin = line.find_first_not_of(kSpaces, begin); begin != std::string_view::npos;) {
    const std::size_t last = std::min(line.find_first_of(kSpaces, begin), line.size());
    cells.push_back({begin, line.substr(begin, last - begin)});
    begin = line.find_first_not_of(kSpaces, last);
  }
  return cells;
}

bool is_device(std::string_view name) {
  return name.starts_with("GPU") && parse_integer(name.substr(3)).has_value();
}

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
  std::set<std::string_view> columns;
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
        columns.insert(cell.text);
        if (is_device(cell.text)) topology.devices.emplace_back(cell.text);
      }
    } else if (is_device(first)) {
      add_row(topology, source, cells);
    } else if (columns.contains(first)) {
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

namespace {

constexpr int kMostLinks = 18;  // of a device, up to NVLink 5

int links_between(const Topology& topology, std::size_t a, std::size_t b) {
  const std::string& path = topology.paths[a][b];
  const auto links = path.starts_with("NV") ? parse_integer(path.substr(2)) : 0;
  return static_cast<int>(links.value_or(0));
}

// Whether a ring of NVLinks goes on from the last device of `path` through all that are not on it.
bool closes_ring(const Topology& topology, std::vector<std::size_t>& path) {
  const std::size_t count = topology.devices.size();
  if (path.size() == count) return links_between(topology, path.back(), path.front()) > 0;
  for (std::size_t next = 0; next < count; ++next) {
    const bool is_passed = std::find(path.begin(), path.end(), next) != path.end();
    if (is_passed || links_between(topology, path.back(), next) == 0) continue;
    path.push_back(next);
    if (closes_ring(topology, path)) return true;
    path.pop_back();
  }
  return false;
}

}  // namespace

int links_per_device(const Topology& topology) {
  const std::size_t count = topology.devices.size();
  std::vector<std::size_t> path{0};
  if (count < 2 || !closes_ring(topology, path)) return 0;
  int fewest = std::numeric_limits<int>::max();
  for (std::size_t device = 0; device < count; ++device) {
    int sum = 0;
    int largest = 0;
    for (std::size_t other = 0; other < count; ++other) {
      const int links = links_between(topology, device, other);
      sum += links;
      largest = std::max(largest, links);
    }
    fewest = std::min(fewest, sum > kMostLinks ? largest : sum);
  }
  return fewest;
}

}  // namespace galvatron
