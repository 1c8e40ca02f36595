#include "planner/import/galvatron_bandwidths.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "planner/files/document.h"
#include "planner/files/error_list.h"
#include "planner/files/quantity.h"
#include "planner/files/spec_error.h"
#include "planner/import/galvatron_model_keys.h"

namespace galvatron {
namespace {

// The words of a key between underscores.
std::vector<std::string_view> parts_of(std::string_view key) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('_', begin), key.size());
    parts.push_back(key.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::optional<int> count_of(std::string_view text) {
  const std::optional<std::int64_t> count = parse_integer(text);
  if (!count || *count < 2 || *count > (1 << 20)) return std::nullopt;
  return static_cast<int>(*count);
}

std::optional<CollectiveKind> kind_of(std::string_view word) {
  if (word == "allreduce") return CollectiveKind::all_reduce;
  if (word == "allgather") return CollectiveKind::all_gather;
  if (word == "all2all") return CollectiveKind::all_to_all;
  return std::nullopt;
}

std::optional<Bytes> mebibytes(std::string_view word) {
  if (!word.ends_with("MB")) return std::nullopt;
  const std::optional<std::int64_t> count = parse_integer(word.substr(0, word.size() - 2));
  if (!count || *count < 1) return std::nullopt;
  return kMiB * *count;
}

// allreduce_size_8_16MB_time
bool read_time(std::string_view key, double value, GalvatronBandwidths& found) {
  const std::vector<std::string_view> parts = parts_of(key);
  if (parts.size() != 5 || parts[1] != "size" || parts[4] != "time") return false;
  const auto kind = kind_of(parts[0]);
  const auto ranks = count_of(parts[2]);
  const auto size = mebibytes(parts[3]);
  if (!kind || !ranks || !size) return false;
  found.samples.push_back({.collective = {.kind = *kind, .payload = *size},
                           .placement = {.ranks = *ranks, .ranks_per_node = *ranks},
                           .time = {value * 1e-3}});
  return true;
}

// allreduce_size_8_consec_1, pp_size_4
bool read_rate(std::string_view key, double value, GalvatronBandwidths& found) {
  const std::vector<std::string_view> parts = parts_of(key);
  const BytesPerSecond rate{value * 1e9};
  if (parts.size() < 3 || parts[1] != "size") return false;
  const auto ranks = count_of(parts[2]);
  if (!ranks) return false;
  if (parts.size() == 3 && parts[0] == "pp") {
    found.sends[*ranks] = rate;
    return true;
  }
  if (parts.size() != 5 || parts[0] != "allreduce" || parts[3] != "consec") return false;
  if (parts[4] != "0" && parts[4] != "1") return false;
  (parts[4] == "1" ? found.bus : found.strided_bus)[*ranks] = rate;
  return true;
}

std::string problem_of(const MapEntry& entry) {
  if (tells_of_a_model(entry.key)) {
    return fmt::format("{} tells of a model: a hardware profile has no place for it", entry.key);
  }
  return fmt::format(
      "unknown key {}, expected allreduce_size_N_consec_0 or _1, pp_size_N, "
      "allreduce_size_N_MMB_time or overlap_coe",
      entry.key);
}

void read_entry(const MapEntry& entry, GalvatronBandwidths& found, ErrorList& errors) {
  const std::optional<double> value = parse_number(entry.value.text);
  const double number = value.value_or(0);
  const bool is_overlap = entry.key == "overlap_coe";
  if (is_overlap) found.overlap = number;
  if (!is_overlap && (tells_of_a_model(entry.key) || !(read_time(entry.key, number, found) ||
                                                       read_rate(entry.key, number, found)))) {
    errors.add(entry.offset, {"unknown_key", problem_of(entry)});
  } else if (number <= 0) {
    errors.add(entry.value.offset, {"bad_value", fmt::format("{} must be a positive number, got {}",
                                                             entry.key, describe(entry.value))});
  }
}

// The number before `word` in a file's name.
std::optional<int> number_before(std::string_view name, std::string_view word) {
  const std::size_t end = name.find(word);
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t begin = name.find_last_not_of("0123456789", end - 1) + 1;
  const std::optional<std::int64_t> number = parse_integer(name.substr(begin, end - begin));
  if (!number || *number < 1 || *number > (1 << 20)) return std::nullopt;
  return static_cast<int>(*number);
}

CollectiveSample on_nodes_of(CollectiveSample sample, int devices_per_node) {
  GroupPlacement& placement = sample.placement;
  placement.nodes = (placement.ranks + devices_per_node - 1) / devices_per_node;
  placement.ranks_per_node = std::min(placement.ranks, devices_per_node);
  return sample;
}

struct Counts {
  int least = 0;
  int most = 0;
};

std::map<int, BytesPerSecond> within(const std::map<int, BytesPerSecond>& rates,
                                     const Counts& counts) {
  std::map<int, BytesPerSecond> kept;
  for (const auto& [ranks, rate] : rates) {
    if (ranks >= counts.least && ranks <= counts.most) kept[ranks] = rate;
  }
  return kept;
}

}  // namespace

GalvatronBandwidths read_galvatron_bandwidths(Source source) {
  const Document document = parse_json(std::move(source));
  ErrorList errors(document.source);
  GalvatronBandwidths found;
  if (document.root.kind != Node::Kind::map) {
    errors.add(document.root.offset,
               {"bad_value", "must be an object, got " + describe(document.root)});
  }
  for (const MapEntry& entry : document.root.entries) read_entry(entry, found, errors);
  errors.throw_if_any();
  const std::string_view name = std::string_view(document.source.path);
  const std::string_view file = name.substr(name.find_last_of('/') + 1);
  found.nodes = number_before(file, "nodes");
  found.devices_per_node = number_before(file, "gpus_per_node");
  return found;
}

GalvatronBandwidths read_galvatron_bandwidths(const std::string& path) {
  return read_galvatron_bandwidths(read_source(path, kPlanLimit));
}

GalvatronBandwidths joined(GalvatronBandwidths first, const GalvatronBandwidths& second) {
  for (const auto& [ranks, rate] : second.bus) first.bus[ranks] = rate;
  for (const auto& [ranks, rate] : second.strided_bus) first.strided_bus[ranks] = rate;
  for (const auto& [stages, rate] : second.sends) first.sends[stages] = rate;
  first.samples.insert(first.samples.end(), second.samples.begin(), second.samples.end());
  if (second.overlap) first.overlap = second.overlap;
  if (second.nodes) first.nodes = second.nodes;
  if (second.devices_per_node) first.devices_per_node = second.devices_per_node;
  return first;
}

Hardware with_bandwidths(Hardware hardware, const GalvatronBandwidths& bandwidths,
                         const std::string& origin) {
  constexpr int kMost = 1 << 20;
  hardware.nodes = std::max(hardware.nodes, bandwidths.nodes.value_or(1));
  hardware.devices_per_node = bandwidths.devices_per_node.value_or(hardware.devices_per_node);
  const int node = hardware.devices_per_node;
  std::vector<CollectiveSample> samples;
  for (const CollectiveSample& sample : bandwidths.samples) {
    samples.push_back(on_nodes_of(sample, node));
  }
  hardware = with_measured_links(std::move(hardware), samples, origin);
  hardware = with_measured_tables(std::move(hardware), samples, origin);
  const auto set = [&](Link& link, const Counts& ranks, const Counts& stages) {
    const auto bus = within(bandwidths.bus, ranks);
    const auto strided = within(bandwidths.strided_bus, ranks);
    const auto sends = within(bandwidths.sends, stages);
    if (!bus.empty()) link.bus = bus;
    if (!strided.empty()) link.strided_bus = strided;
    if (!sends.empty()) link.rate_per_device = sends.begin()->second / link.efficiency;
    if (!bus.empty() || !strided.empty() || !sends.empty()) link.origin = origin;
  };
  // Of as many stages as nodes, or fewer, each has nodes of its own.
  const int nodes = bandwidths.nodes.value_or(1);
  const int apart = nodes > 1 ? nodes : 0;
  const int together = bandwidths.nodes ? kMost : node;
  set(hardware.intra_node, {2, node}, {apart + 1, together});
  set(hardware.inter_node, {node + 1, kMost},
      bandwidths.nodes ? Counts{2, apart} : Counts{node + 1, kMost});
  if (bandwidths.overlap) {
    const double slowdown = std::max(1.0, *bandwidths.overlap);
    hardware.overlap = {
        .compute_slowdown = slowdown, .traffic_slowdown = slowdown, .origin = origin};
  }
  return hardware;
}

}  // namespace galvatron
