from tests.eager import eagerly as eagerly
