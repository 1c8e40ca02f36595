// What the readers of nccl-tests' two forms share: who communicated, and how long that took.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/import/nccl_tests.h"

namespace galvatron {

struct NcclTestsRow {
  Bytes size{};
  Seconds time{};
};

// The ranks that the output lists, as they are read.
struct NcclTestsDevices {
  std::string device{};
  std::map<std::string, int, std::less<>> ranks_of_host{};  // of the first group
  std::optional<int> first_group{};

  // `ranks`: that one line stands for.
  void add(std::string_view host, std::string_view device_name, int group, int ranks);
};

// The collective whose program `text` names, in any form: "./build/all_reduce_perf", "alltoall".
std::optional<CollectiveKind> nccl_tests_program(std::string_view text);

// `devices` without hosts: the ranks are `ranks`, of no known node.
NcclTestsRun nccl_tests_run(CollectiveKind kind, const NcclTestsDevices& devices, int ranks,
                            const std::vector<NcclTestsRow>& rows);

[[noreturn]] void refuse_nccl_tests(const Source& source, std::size_t offset, std::string message);

}  // namespace galvatron
