"""Training's last room: examines a trained model once on test and writes its bundle."""
