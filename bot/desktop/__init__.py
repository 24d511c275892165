"""Windows of other programs, driven in a closed loop; pyautogui is imported here, late, and nowhere else."""
