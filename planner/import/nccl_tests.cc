#include "planner/import/nccl_tests.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "planner/files/error_list.h"
#include "planner/files/quantity.h"
#include "planner/files/reader.h"
#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

// Longer names first: all_reduce stands in no other one, but a file's name may hold several.
inline constexpr NamedValues<CollectiveKind, 5> kPrograms{
    {{CollectiveKind::all_reduce, "all_reduce_perf"},
     {CollectiveKind::all_gather, "all_gather_perf"},
     {CollectiveKind::reduce_scatter, "reduce_scatter_perf"},
     {CollectiveKind::all_to_all, "alltoall_perf"},
     {CollectiveKind::send, "sendrecv_perf"}}};

// The collective whose program `text` names, "_perf" or not.
std::optional<CollectiveKind> program_in(std::string_view text) {
  for (const auto& [kind, name] : kPrograms) {
    if (text.find(name.substr(0, name.find("_perf"))) != std::string_view::npos) return kind;
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const Source& source, std::size_t offset, std::string message) {
  throw SpecError(diagnose(source, offset, {"not_nccl_tests", std::move(message)}));
}

struct Line {
  std::size_t offset = 0;
  std::string_view text;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({begin, text.substr(begin, end - begin)});
    begin = end + 1;
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kSpaces = " \t\r";
  std::vector<std::string_view> words;
  for (std::size_t begin = line.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpaces, end);
  }
  return words;
}

// What the lines before the table say.
struct Heading {
  std::set<std::string, std::less<>> hosts;
  int ranks = 0;
  std::string device;
  std::optional<CollectiveKind> kind;
};

// "#  Rank  0 Group  0 Pid   6899 on host device  0 [0000:04:00] NVIDIA H100 80GB HBM3"
void read_rank(std::string_view line, Heading& heading) {
  const std::vector<std::string_view> words = words_of(line);
  ++heading.ranks;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "on") heading.hosts.emplace(words[i + 1]);
  }
  const std::size_t bracket = line.find("] ");
  if (bracket != std::string_view::npos) heading.device = line.substr(bracket + 2);
  while (heading.device.ends_with('\r') || heading.device.ends_with(' ')) heading.device.pop_back();
}

void read_comment(std::string_view line, Heading& heading) {
  if (line.find(" Rank ") != std::string_view::npos &&
      line.find(" device ") != std::string_view::npos) {
    read_rank(line, heading);
  }
  if (line.find("Collective test starting") != std::string_view::npos) {
    heading.kind = program_in(line);
  }
}

// Columns: size count type redop [root] time algbw busbw #wrong, then the last four in place.
struct Measured {
  Bytes size{};
  Seconds time{};
};

Measured read_row(const Source& source, const Line& line) {
  const std::vector<std::string_view> words = words_of(line.text);
  const bool has_root = words.size() % 4 == 1;
  const std::size_t at = has_root ? 5 : 4;
  if (words.size() < at + 4) {
    refuse(
        source, line.offset,
        fmt::format("a row of nccl-tests has at least {} columns, found {}", at + 4, words.size()));
  }
  const std::optional<std::int64_t> size = parse_integer(words[0]);
  const std::optional<double> time = parse_number(words[at]);
  if (!size || !time || *time < 0) {
    refuse(source, line.offset,
           fmt::format("size must be a number of bytes and time one of microseconds, found {} and "
                       "{}",
                       words[0], words[at]));
  }
  return {.size = Bytes{*size}, .time = {*time * 1e-6}};
}

CollectiveSample sample_of(const NcclTestsRun& run, CollectiveKind kind, const Measured& row) {
  const bool is_send = kind == CollectiveKind::send;
  const int ranks = is_send ? 2 : run.ranks;
  return {.collective = {.kind = kind, .payload = row.size},
          .placement = {.ranks = ranks,
                        .nodes = is_send ? std::min(run.nodes, 2) : run.nodes,
                        .ranks_per_node = std::max(ranks / run.nodes, 1)},
          .time = row.time};
}

void add_row(NcclTestsRun& run, CollectiveKind kind, const Measured& row) {
  if (row.size.value > 0 && row.time.value > 0) run.samples.push_back(sample_of(run, kind, row));
}

}  // namespace

NcclTestsRun read_nccl_tests_table(const Source& source) {
  Heading heading;
  std::vector<std::pair<Line, Measured>> rows;
  for (const Line& line : lines_of(source.text)) {
    const std::vector<std::string_view> words = words_of(line.text);
    if (words.empty()) continue;
    if (words.front().starts_with('#')) {
      read_comment(line.text, heading);
    } else if (parse_integer(words.front())) {
      rows.emplace_back(line, read_row(source, line));
    }
  }
  if (rows.empty()) refuse(source, 0, "must hold the table of an nccl-tests program, found no row");
  if (heading.ranks == 0) {
    refuse(source, 0, "must list its devices (\"#  Rank  0 ... on HOST device 0\"), found none");
  }
  const std::optional<CollectiveKind> kind = heading.kind ? heading.kind : program_in(source.path);
  if (!kind) {
    refuse(source, 0,
           "does not say which collective it measured: name the file after the program, as in "
           "all_reduce_perf.txt");
  }
  NcclTestsRun run{.device = heading.device,
                   .ranks = heading.ranks,
                   .nodes = std::max(static_cast<int>(heading.hosts.size()), 1),
                   .samples = {}};
  for (const auto& [line, row] : rows) add_row(run, *kind, row);
  return run;
}

NcclTestsRun read_nccl_tests_json(Source source) {
  const Document document = parse_json(std::move(source));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  const auto arguments = reader.required_list<std::string>("args");
  MapReader config = reader.required_map("config");
  std::set<std::string> hosts;
  NcclTestsRun run;
  for (MapReader& device : config.required_maps("devices")) {
    ++run.ranks;
    hosts.insert(device.required<std::string>("hostname"));
    run.device = device.required<std::string>("device_info");
  }
  run.nodes = std::max(static_cast<int>(hosts.size()), 1);
  const std::optional<CollectiveKind> kind =
      arguments.empty() ? std::nullopt : program_in(arguments.front());
  if (!kind && errors.empty()) {
    reader.refuse("args", "must begin with the program, such as all_reduce_perf");
  }
  for (MapReader& row : reader.required_maps("results")) {
    const auto size = row.required<std::int64_t>("size", at_least(0));
    std::optional<MapReader> out_of_place = row.optional_map("out_of_place");
    if (!out_of_place || !kind) continue;
    const double time = out_of_place->required<double>("time", at_least(0));
    add_row(run, *kind, {.size = Bytes{size}, .time = {time * 1e-6}});
  }
  errors.throw_if_any();
  return run;
}

NcclTestsRun read_nccl_tests(const std::string& path) {
  Source source = read_source(path, kPlanLimit);
  const std::size_t first = source.text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string::npos && source.text[first] == '{';
  return is_json ? read_nccl_tests_json(std::move(source)) : read_nccl_tests_table(source);
}

}  // namespace galvatron
