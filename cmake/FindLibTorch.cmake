# LibTorch, from a PyPI wheel unzipped into LIBTORCH_SITE (see fetch_libtorch.sh).
#
# Defines LibTorch::c10 and LibTorch::torch_cpu, and under GALVATRON_CUDA LibTorch::torch_cuda, which
# makes a program load the half that drives GPUs. libtorch.so is left out on purpose: it needs
# libtorch_cuda, so a program linked to it would not start on a machine without CUDA. libcupti and
# libcudart, which libtorch_cpu needs, are found through its own RPATH in LIBTORCH_SITE/nvidia.
set(LIBTORCH_SITE "$ENV{HOME}/.cache/galvatron/site" CACHE PATH "Folder that holds torch/")

set(_torch ${LIBTORCH_SITE}/torch)
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h PATHS ${_torch}/include NO_DEFAULT_PATH NO_CACHE)
find_library(LibTorch_C10_LIBRARY c10 PATHS ${_torch}/lib NO_DEFAULT_PATH NO_CACHE)
find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${_torch}/lib NO_DEFAULT_PATH NO_CACHE)
if(EXISTS ${_torch}/version.py)
  file(STRINGS ${_torch}/version.py _version REGEX "^__version__")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" LibTorch_VERSION "${_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "No LibTorch under LIBTORCH_SITE=${LIBTORCH_SITE}: run cmake/fetch_libtorch.sh")

if(LibTorch_FOUND AND NOT TARGET LibTorch::torch_cpu)
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES
    IMPORTED_LOCATION ${LibTorch_C10_LIBRARY}
    INTERFACE_COMPILE_FEATURES cxx_std_20
    # The wheel brings headers of a {fmt} of its own, found before the system's, but no library.
    INTERFACE_COMPILE_DEFINITIONS FMT_HEADER_ONLY
    INTERFACE_INCLUDE_DIRECTORIES
      "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  add_library(LibTorch::torch_cpu SHARED IMPORTED)
  set_target_properties(LibTorch::torch_cpu PROPERTIES
    IMPORTED_LOCATION ${LibTorch_CPU_LIBRARY}
    INTERFACE_LINK_LIBRARIES LibTorch::c10)
endif()

if(LibTorch_FOUND AND GALVATRON_CUDA AND NOT TARGET LibTorch::torch_cuda)
  find_package(CUDAToolkit 13 REQUIRED)
  find_library(LibTorch_CUDA_LIBRARY torch_cuda
    PATHS ${_torch}/lib REQUIRED NO_DEFAULT_PATH NO_CACHE)
  find_library(LibTorch_C10_CUDA_LIBRARY c10_cuda
    PATHS ${_torch}/lib REQUIRED NO_DEFAULT_PATH NO_CACHE)
  # As one library to link: nothing of ours calls into torch_cuda, which registers its operators when
  # it is loaded, so that the linker would leave it out. What it needs itself may lie where only the
  # dynamic loader finds it.
  add_library(LibTorch::torch_cuda INTERFACE IMPORTED)
  set_target_properties(LibTorch::torch_cuda PROPERTIES
    INTERFACE_LINK_LIBRARIES
      "LibTorch::torch_cpu;${LibTorch_C10_CUDA_LIBRARY};CUDA::cudart"
    INTERFACE_LINK_OPTIONS
      "LINKER:--push-state,--no-as-needed,${LibTorch_CUDA_LIBRARY},--pop-state;LINKER:--unresolved-symbols=ignore-in-shared-libs")
endif()
