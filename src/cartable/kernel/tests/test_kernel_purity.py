import subprocess
import sys


def test_the_kernel_loads_without_django() -> None:
    program = (
        "import sys; from cartable.kernel import codes, ine, levels, majority, names, school_year, uai; "
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
