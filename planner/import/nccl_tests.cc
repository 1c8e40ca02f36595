#include "planner/import/nccl_tests.h"

#include <algorithm>
#include <utility>

#include "planner/files/document.h"
#include "planner/files/error_list.h"
#include "planner/files/reader.h"
#include "planner/files/spec_error.h"
#include "planner/import/nccl_tests_run.h"

namespace galvatron {
namespace {

// Longer names first: none of them stands in another one, but a file's name may hold several.
inline constexpr NamedValues<CollectiveKind, 5> kPrograms{
    {{CollectiveKind::all_reduce, "all_reduce"},
     {CollectiveKind::all_gather, "all_gather"},
     {CollectiveKind::reduce_scatter, "reduce_scatter"},
     {CollectiveKind::all_to_all, "alltoall"},
     {CollectiveKind::send, "sendrecv"}}};

GroupPlacement placement_of(const NcclTestsRun& run, CollectiveKind kind) {
  const int nodes = std::max(run.nodes, 1);
  if (kind == CollectiveKind::send) {
    return {.ranks = 2, .nodes = std::min(nodes, 2), .ranks_per_node = nodes == 1 ? 2 : 1};
  }
  return {.ranks = run.ranks, .nodes = nodes, .ranks_per_node = run.ranks_per_node};
}

}  // namespace

void NcclTestsDevices::add(std::string_view host, std::string_view device_name, int group,
                           int ranks) {
  if (!first_group) first_group = group;
  if (group != *first_group) return;
  device = device_name;
  ranks_of_host[std::string(host)] += ranks;
}

std::optional<CollectiveKind> nccl_tests_program(std::string_view text) {
  for (const auto& [kind, name] : kPrograms) {
    if (text.find(name) != std::string_view::npos) return kind;
  }
  return std::nullopt;
}

NcclTestsRun nccl_tests_run(CollectiveKind kind, const NcclTestsDevices& devices, int ranks,
                            const std::vector<NcclTestsRow>& rows) {
  NcclTestsRun run{.device = devices.device,
                   .ranks = ranks,
                   .nodes = static_cast<int>(devices.ranks_of_host.size()),
                   .ranks_per_node = ranks};
  for (const auto& [host, count] : devices.ranks_of_host) {
    run.ranks_per_node = std::min(run.ranks_per_node, count);
  }
  const GroupPlacement placement = placement_of(run, kind);
  for (const NcclTestsRow& row : rows) {
    if (row.size.value == 0 || row.time.value == 0) continue;
    run.samples.push_back({.collective = {.kind = kind, .payload = row.size},
                           .placement = placement,
                           .time = row.time});
  }
  return run;
}

void refuse_nccl_tests(const Source& source, std::size_t offset, std::string message) {
  throw SpecError(diagnose(source, offset, {"not_nccl_tests", std::move(message)}));
}

namespace {

// The list has the first rank of each process, which may drive several devices.
NcclTestsDevices devices_in(MapReader& config) {
  int ranks = config.optional<int>("nthreads", at_least(1)).value_or(1) *
              config.optional<int>("ngpus", at_least(1)).value_or(1);
  std::vector<MapReader> listed = config.required_maps("devices");
  if (listed.size() > 1) {
    ranks = listed[1].required<int>("rank") - listed[0].required<int>("rank");
    if (ranks < 1) config.refuse("devices", "must be in the order of their ranks");
  }
  NcclTestsDevices devices;
  for (MapReader& device : listed) {
    const auto host = device.required<std::string>("hostname");
    const auto name = device.required<std::string>("device_info");
    devices.add(host, name, device.optional<int>("group").value_or(0), ranks);
  }
  return devices;
}

// Out of place, where that was measured. What was timed by the host's clock (-C) is called so.
NcclTestsRow row_in(MapReader& row) {
  const auto size = row.required<std::int64_t>("size", at_least(0));
  const Node* const out_of_place = row.value("out_of_place");
  const bool has_it = out_of_place != nullptr && out_of_place->kind != Node::Kind::null;
  MapReader body = row.required_map(has_it ? "out_of_place" : "in_place");
  const auto by_host = body.optional<double>("cpu_time", at_least(0));
  const double time = by_host ? *by_host : body.required<double>("time", at_least(0));
  return {.size = Bytes{size}, .time = {time * 1e-6}};
}

}  // namespace

std::vector<NcclTestsRun> read_nccl_tests_json(Source source) {
  const Document document = parse_json(std::move(source));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  const auto arguments = reader.required_list<std::string>("args");
  MapReader config = reader.required_map("config");
  const NcclTestsDevices devices = devices_in(config);
  int ranks = 0;
  for (const auto& [host, count] : devices.ranks_of_host) ranks += count;
  const std::optional<CollectiveKind> kind =
      arguments.empty() ? std::nullopt : nccl_tests_program(arguments.front());
  if (!kind && errors.empty()) {
    reader.refuse("args", "must begin with the program, such as all_reduce_perf");
  }
  if (ranks == 1 && errors.empty()) {
    config.refuse("devices", "must be two and more: one rank communicates with nobody");
  }
  std::vector<NcclTestsRow> rows;
  for (MapReader& result : reader.required_maps("results")) {
    rows.push_back(row_in(result));
  }
  errors.throw_if_any();
  return {nccl_tests_run(*kind, devices, ranks, rows)};
}

std::vector<NcclTestsRun> read_nccl_tests(const std::string& path) {
  Source source = read_source(path, kPlanLimit);
  const std::size_t first = source.text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string::npos && source.text[first] == '{';
  return is_json ? read_nccl_tests_json(std::move(source)) : read_nccl_tests_table(source);
}

NcclTestsRun on_nodes_of(NcclTestsRun run, int devices_per_node) {
  if (run.nodes > 0) return run;
  run.nodes = (run.ranks + devices_per_node - 1) / devices_per_node;
  run.ranks_per_node = run.ranks - (run.nodes - 1) * devices_per_node;
  for (CollectiveSample& sample : run.samples) {
    sample.placement = placement_of(run, sample.collective.kind);
  }
  return run;
}

}  // namespace galvatron
